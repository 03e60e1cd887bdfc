import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { PushforwardError } from '../../errors.js';
import { fileFailure } from '../readErrors.js';

const gunzipAsync = promisify(gunzip);

/**
 * A whole file, unpacked if it is gzip; unpacking runs off the main thread.
 * @throws PushforwardError `input` for a file that cannot be read, `damaged` for gzip that does not unpack.
 */
export async function readBytes(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((cause) => {
    throw fileFailure(path, cause);
  });
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await gunzipAsync(bytes);
  } catch (cause) {
    throw damaged(path, 'the gzip does not unpack', cause);
  }
}

/** The same memory as a plain array of bytes: a Buffer's `slice` and `map` are not those of one. */
export function plainBytes({ buffer, byteOffset, length }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/** A file that is not what it claims to be. */
export function damaged(where: string, what: string, cause?: unknown): PushforwardError {
  return new PushforwardError('damaged', what, { where, mend: 'fetch or write it again', cause });
}

/** A file of the right kind that cannot be used, and what would do instead. */
export function unusable(where: string, what: string, mend: string): PushforwardError {
  return new PushforwardError('input', what, { where, mend });
}
