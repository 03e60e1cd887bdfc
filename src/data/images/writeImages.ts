import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PushforwardError } from '../../errors.js';
import { writeFileAtomic } from '../../files.js';
import type { ImageSet } from './imageSet.js';

/** An array of bytes in NumPy's format (NumPy Enhancement Proposal 1, version 1). */
export function encodeNpy(bytes: Uint8Array, shape: readonly number[]): Buffer {
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  // The elements begin at a multiple of 64, after a line's end.
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10);
  header.write('\x93NUMPY', 'latin1');
  header.set([1, 0], 6);
  header.writeUInt16LE(length, 8);
  return Buffer.concat([header, Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1'), bytes]);
}

/** An archive of one member, stored as it is (PKWARE, APPNOTE 6.3.10): what numpy.savez writes. */
function encodeZip(name: string, content: Buffer): Buffer {
  const sizes = Buffer.alloc(16);
  sizes.writeUInt32LE(crc32(content), 0);
  sizes.writeUInt32LE(content.length, 4);
  sizes.writeUInt32LE(content.length, 8);
  sizes.writeUInt16LE(name.length, 12);
  // Version 2.0, no flags, stored, and the first day that the format knows.
  const common = Buffer.from([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0]);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, sizes, Buffer.from(name)]);
  const made = Buffer.from([20, 0]);
  // Comment, disk, attributes and place, all 0: the member is the first thing in the file.
  const entry = [
    Buffer.from('PK\x01\x02', 'latin1'),
    made,
    common,
    sizes,
    Buffer.alloc(14),
    Buffer.from(name),
  ];
  const directory = Buffer.concat(entry);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length + content.length, 16);
  return Buffer.concat([local, content, directory, end]);
}

/** What images can be written as, by the end of the path. */
export const arrayEndings = ['.npy', '.npz'] as const;

/**
 * Writes images of bytes as an array [n, height, width, channels] for NumPy and `readImages`: `.npy`, or `.npz` with the
 * name `images`.
 * @throws PushforwardError `usage` for another ending, `unsupported` for images that are not bytes.
 */
export async function writeImageArray(path: string, { pixels, shape, count }: ImageSet): Promise<void> {
  if (!(pixels instanceof Uint8Array)) {
    throw new PushforwardError('unsupported', 'images of float32 are not written', { where: path });
  }
  const array = encodeNpy(pixels, [count, shape.height, shape.width, shape.channels]);
  if (path.endsWith('.npy')) return writeFileAtomic(path, array);
  if (path.endsWith('.npz')) return writeFileAtomic(path, encodeZip('images.npy', array));
  throw new PushforwardError('usage', `${path} ends in neither ${arrayEndings.join(' nor ')}`, {
    mend: 'give one of these endings',
  });
}

/** Names of the pictures of a folder: 0001.png, as wide as the last one needs. */
export function pictureName(folder: string, index: number, count: number): string {
  return join(folder, `${String(index + 1).padStart(Math.max(4, String(count).length), '0')}.png`);
}
