import { readFile } from 'node:fs/promises';
import { damagedFile, type PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';

/** The arrays and the text that one safetensors file holds. */
export interface SafeTensors {
  readonly tensors: ReadonlyMap<string, Float32Array>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** Above this a header is taken for damage and not for JSON (the format's own limit). */
const GREATEST_HEADER = 100_000_000;
const METADATA = '__metadata__';

/** Serialises flat float32 arrays in the safetensors layout: header length, JSON header, data. */
export function encodeSafeTensors({ tensors, metadata }: SafeTensors): Uint8Array {
  const header: Record<string, Entry | Readonly<Record<string, string>>> = { [METADATA]: metadata };
  let end = 0;
  for (const [name, values] of tensors) {
    header[name] = { dtype: 'F32', shape: [values.length], data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  // The data must start on a multiple of 8, so the header is padded with blanks.
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = Buffer.alloc(8 + headerLength + end, ' ');
  bytes.writeBigUInt64LE(BigInt(headerLength), 0);
  text.copy(bytes, 8);
  let offset = 8 + headerLength;
  for (const values of tensors.values()) {
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(bytes, offset);
    offset += values.byteLength;
  }
  return bytes;
}

/**
 * Reads what `encodeSafeTensors` wrote.
 * @throws PushforwardError `damaged` when lengths, offsets or the header do not fit together.
 */
export function decodeSafeTensors(bytes: Uint8Array, where: string): SafeTensors {
  const damaged = (what: string): PushforwardError =>
    damagedFile(where, `not a whole safetensors file: ${what}`);
  if (bytes.length < 8) throw damaged(`${bytes.length} bytes`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(buffer.readBigUInt64LE(0));
  if (headerLength > GREATEST_HEADER || 8 + headerLength > bytes.length) {
    throw damaged(`its header would be ${headerLength} bytes long`);
  }
  const header = parseHeader(buffer.toString('utf8', 8, 8 + headerLength), damaged);
  const data = buffer.subarray(8 + headerLength);
  const tensors = new Map<string, Float32Array>();
  let metadata: Record<string, string> = {};
  let end = 0;
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) {
      metadata = readMetadata(value, damaged);
      continue;
    }
    if (!isEntry(value)) throw damaged(`entry ${name} has no type, shape and offsets`);
    const [start, stop] = value.data_offsets;
    const count = value.shape.reduce((product, size) => product * size, 1);
    if (value.dtype !== 'F32') throw damaged(`${name} is ${value.dtype}, not F32`);
    if (start !== end || stop - start !== 4 * count || stop > data.length) {
      throw damaged(`${name} lies at ${start} to ${stop} of ${data.length} bytes`);
    }
    const values = new Float32Array(count);
    Buffer.from(values.buffer).set(data.subarray(start, stop));
    tensors.set(name, values);
    end = stop;
  }
  if (end !== data.length) throw damaged(`${data.length - end} bytes too many`);
  return { tensors, metadata };
}

export async function writeSafeTensors(path: string, content: SafeTensors): Promise<void> {
  await writeFileAtomic(path, encodeSafeTensors(content));
}

/** @throws PushforwardError `damaged` when the file is not there or not whole. */
export async function readSafeTensors(path: string): Promise<SafeTensors> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw damagedFile(path, 'cannot be read', cause);
  }
  return decodeSafeTensors(bytes, path);
}

function parseHeader(text: string, damaged: (what: string) => PushforwardError): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw damaged('its header is no JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw damaged('its header is no JSON object');
  }
  return header as Record<string, unknown>;
}

function readMetadata(value: unknown, damaged: (what: string) => PushforwardError): Record<string, string> {
  if (typeof value !== 'object' || value === null) throw damaged('its metadata is no object');
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw damaged(`its metadata ${key} is no text`);
  }
  return value as Record<string, string>;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { dtype, shape, data_offsets } = value as Partial<Entry>;
  const sizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every((size) => Number.isSafeInteger(size) && size >= 0);
  return typeof dtype === 'string' && sizes(shape) && sizes(data_offsets) && data_offsets?.length === 2;
}
