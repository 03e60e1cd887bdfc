import { crc32, deflateRawSync } from 'node:zlib';

/** An IDX file of bytes. */
export function idxOf(dimensions: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.set([0, 0, 8, dimensions.length]);
  dimensions.forEach((size, i) => {
    header.writeUInt32BE(size, 4 + 4 * i);
  });
  return Buffer.concat([header, values]);
}

type Elements = Uint8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

export interface NpyOptions {
  readonly version?: 1 | 2 | 3;
  readonly fortran?: boolean;
}

/** An NPY file with the elements as they lie in memory. */
export function npyOf(
  descr: string,
  shape: readonly number[],
  elements: Elements,
  { version = 1, fortran = false }: NpyOptions = {},
): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const order = fortran ? 'True' : 'False';
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`;
  const lengthBytes = version === 1 ? 2 : 4;
  const unpadded = 8 + lengthBytes + header.length + 1;
  const text = `${header}${' '.repeat((64 - (unpadded % 64)) % 64)}\n`;
  const start = Buffer.alloc(8 + lengthBytes);
  start.write('\x93NUMPY', 'latin1');
  start[6] = version;
  start.writeUIntLE(text.length, 8, lengthBytes);
  const body = Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength);
  return Buffer.concat([start, Buffer.from(text, 'latin1'), body]);
}

/**
 * An NPZ file as NumPy writes it: sizes in the headers before the members are left to an extra field of 64-bit
 * numbers, and only the directory at the end has them in 32 bits.
 */
export function npzOf(arrays: Readonly<Record<string, Buffer>>, isPacked: boolean): Buffer {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let place = 0;
  for (const [array, content] of Object.entries(arrays)) {
    const name = Buffer.from(`${array}.npy`);
    const packed = isPacked ? deflateRawSync(content) : content;
    const method = isPacked ? 8 : 0;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc32(content), 14);
    local.writeUInt32LE(0xffffffff, 18);
    local.writeUInt32LE(0xffffffff, 22);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(20, 28);
    const extra = Buffer.alloc(20);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(16, 2);
    extra.writeBigUInt64LE(BigInt(content.length), 4);
    extra.writeBigUInt64LE(BigInt(packed.length), 12);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc32(content), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(place, 42);
    parts.push(local, name, extra, packed);
    entries.push(entry, name);
    place += local.length + name.length + extra.length + packed.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length / 2, 8);
  end.writeUInt16LE(entries.length / 2, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(place, 16);
  return Buffer.concat([...parts, directory, end]);
}

/** Bytes 0, 1, 2, … around the clock. */
export function countingBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i);
}
