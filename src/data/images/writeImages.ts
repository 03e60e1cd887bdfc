import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PushforwardError } from '../../errors.js';
import { writeFileAtomic } from '../../files.js';
import type { ImageSet } from './imageSet.js';

/** An array of bytes or of whole numbers in NumPy's format (NumPy Enhancement Proposal 1, version 1). */
export function encodeNpy(values: Uint8Array | Int32Array, shape: readonly number[]): Buffer {
  const isBytes = values instanceof Uint8Array;
  const text = `{'descr': '${isBytes ? '|u1' : '<i4'}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  // The elements begin at a multiple of 64, after a line's end.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10);
  header.write('\x93NUMPY', 'latin1');
  header.set([1, 0], 6);
  header.writeUInt16LE(length, 8);
  const body = isBytes ? values : littleEndian(values);
  return Buffer.concat([header, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1'), body]);
}

function littleEndian(values: Int32Array): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeInt32LE(value, 4 * i);
  });
  return bytes;
}

/** An archive of members that are stored as they are (PKWARE, APPNOTE 6.3.10): what numpy.savez writes. */
function encodeZip(members: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let place = 0;
  for (const [name, content] of Object.entries(members)) {
    const facts = Buffer.alloc(26);
    // Version 2.0, no flags, stored, and the first day that the format knows.
    facts.set([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(content.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const local = [Buffer.from('PK\x03\x04', 'latin1'), facts, Buffer.from(name), content];
    // Made by version 2.0; comment, disk and attributes, all 0, and where the member begins.
    const end = Buffer.alloc(14);
    end.writeUInt32LE(place, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, end, Buffer.from(name));
    parts.push(...local);
    place += local.reduce((sum, part) => sum + part.length, 0);
  }
  const count = Object.keys(members).length;
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(place, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** What images can be written as, by the end of the path. */
export const arrayEndings = ['.npy', '.npz'] as const;

/**
 * Writes images of bytes as an array [n, height, width, channels] for NumPy and `readImages`: `.npy`, or `.npz` with the
 * name `images`, and beside it, where the images have any, their `labels` [n], numbers from 0.
 * @throws PushforwardError `usage` for another ending, `unsupported` for images that are not bytes.
 */
export async function writeImageArray(
  path: string,
  { pixels, shape, count, labels }: ImageSet,
): Promise<void> {
  if (!(pixels instanceof Uint8Array)) {
    throw new PushforwardError('unsupported', 'images of float32 are not written', { where: path });
  }
  const array = encodeNpy(pixels, [count, shape.height, shape.width, shape.channels]);
  if (path.endsWith('.npy')) return writeFileAtomic(path, array);
  if (path.endsWith('.npz')) {
    const named = labels && { 'labels.npy': encodeNpy(labels, [count]) };
    return writeFileAtomic(path, encodeZip({ 'images.npy': array, ...named }));
  }
  throw new PushforwardError('usage', `${path} ends in neither ${arrayEndings.join(' nor ')}`, {
    mend: 'give one of these endings',
  });
}

/** Names of the pictures of a folder: 0001.png, as wide as the last one needs. */
export function pictureName(folder: string, index: number, count: number): string {
  return join(folder, `${String(index + 1).padStart(Math.max(4, String(count).length), '0')}.png`);
}
