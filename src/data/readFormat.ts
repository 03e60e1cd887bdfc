import { open, stat } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { PushforwardError } from '../errors.js';
import { type CsvShape, guessShape } from './readDelimiter.js';
import { fileFailure } from './readErrors.js';

/** What a file turned out to hold. */
export interface FileFormat {
  readonly kind: 'csv' | 'json' | 'parquet';
  readonly compression: 'none' | 'gzip' | 'zstd';
  /** Of a CSV; null when its text cannot be looked at here, and DuckDB finds it out. */
  readonly shape: CsvShape | null;
}

/** Bytes that are looked at. */
const HEAD = 1 << 18;

/**
 * Looks at the first bytes of a file to tell what it is.
 * @throws PushforwardError `input`, when it cannot be a table: absent, a folder, empty, binary.
 */
export async function inspectFile(path: string): Promise<FileFormat> {
  const raw = await readHead(path);
  const name = path.toLowerCase();
  if (startsWith(raw, [0x50, 0x41, 0x52, 0x31])) {
    return { kind: 'parquet', compression: 'none', shape: null };
  }
  const plainName = name.replace(/[.](gz|zst)$/, '');
  if (/[.](parquet|pq)$/.test(plainName)) throw unusable(path, 'is not a Parquet file');
  const compression = compressionOf(path, raw);
  const isJson = /[.](json|ndjson|jsonl)$/.test(plainName);
  if (compression === 'zstd') return { kind: isJson ? 'json' : 'csv', compression, shape: null };

  const text = decode(path, compression === 'gzip' ? unzip(path, raw) : raw);
  if (text.trim() === '') throw unusable(path, 'is empty', 'give a table with rows');
  if (isJson) return { kind: 'json', compression, shape: null };
  return { kind: 'csv', compression, shape: guessShape(text) };
}

async function readHead(path: string): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw unusable(path, 'is a folder, not a table', 'name a file in it');
    if (!found.isFile()) throw unusable(path, 'is no regular file', 'save its content as a file first');
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileFailure(path, cause);
  }
}

function compressionOf(path: string, head: Buffer): FileFormat['compression'] {
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  if (startsWith(head, [0x28, 0xb5, 0x2f, 0xfd])) return 'zstd';
  if (/[.]gz$/i.test(path) && head.length > 0) throw unusable(path, 'is not gzip, though its name says so');
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04])) {
    throw unusable(path, 'is a zip archive or a spreadsheet', 'save the table as CSV or Parquet');
  }
  return 'none';
}

function unzip(path: string, head: Buffer): Buffer {
  try {
    // The head of a larger file ends in the middle of the stream.
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw unusable(path, 'is damaged: it does not unpack', 'fetch or pack it again', cause);
  }
}

function decode(path: string, bytes: Buffer): string {
  const isUtf16 = startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff]);
  if (isUtf16) throw unusable(path, 'is UTF-16 text', 'save it as UTF-8');
  if (bytes.includes(0)) throw unusable(path, 'is a binary file, not a table');
  try {
    // A head may end inside a character: `stream` leaves it out.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch (cause) {
    throw unusable(path, 'is not UTF-8 text', 'save it as UTF-8', cause);
  }
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

function unusable(
  path: string,
  what: string,
  mend = 'give a CSV, JSON or Parquet file',
  cause?: unknown,
): PushforwardError {
  return new PushforwardError('input', what, { where: path, mend, cause });
}
