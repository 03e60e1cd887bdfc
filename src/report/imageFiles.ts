import { mkdir, readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ImageSet } from '../data/images/imageSet.js';
import { arrayEndings, pictureName, writeImageArray } from '../data/images/writeImages.js';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { imageSize } from '../imageShape.js';
import { writeImageGrid } from './imageGrid.js';
import { encodePng } from './png.js';

/**
 * Writes images of bytes by the end of the path: one picture with all of them (`.png`), an array for NumPy (`.npy`,
 * `.npz`), or, for a path without an ending, a folder with a PNG for each.
 * @throws PushforwardError `usage` for another ending, and for a folder that holds something already.
 */
export async function writeImageFiles(images: ImageSet, path: string): Promise<void> {
  const ending = extname(path).toLowerCase();
  const { pixels, shape, count } = images;
  if (!(pixels instanceof Uint8Array)) {
    throw new PushforwardError('unsupported', 'images of float32 are not written', { where: path });
  }
  if (ending === '.png') return writeImageGrid(path, pixels, shape);
  if (arrayEndings.some((known) => known === ending)) return writeImageArray(path, images);
  if (ending !== '') {
    throw new PushforwardError('usage', `images cannot be written as ${ending}`, {
      where: path,
      mend: `give a path that ends in .png, ${arrayEndings.join(' or ')}, or a folder for a PNG each`,
    });
  }
  await checkEmpty(path);
  const size = imageSize(shape);
  for (let i = 0; i < count; i++) {
    const png = encodePng(pixels.subarray(i * size, (i + 1) * size), shape);
    await writeFileAtomic(pictureName(path, i, count), png);
  }
}

async function checkEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length === 0) return;
  throw new PushforwardError('usage', 'the folder is not empty', { where: folder, mend: 'give another one' });
}
