import { mkdir, readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { formatCsv } from '../data/formatTable.js';
import type { ImageSet } from '../data/images/imageSet.js';
import { arrayEndings, pictureName, writeImageArray } from '../data/images/writeImages.js';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic, writing } from '../files.js';
import { imageSize } from '../imageShape.js';
import { writeImageGrid } from './imageGrid.js';
import { encodePng } from './png.js';

/**
 * Writes images of bytes by the end of the path: one picture with all of them (`.png`), an array for NumPy (`.npy`,
 * `.npz`), or, for a path without an ending, a folder with a PNG for each. Labels go into the archive, make a folder
 * to a class in the folder, or stand in a table beside the file (`x.labels.csv` beside `x.png` or `x.npy`).
 * @throws PushforwardError `usage` for another ending, for a folder that holds something already, and for classes that
 * no folder can be named by.
 */
export async function writeImageFiles(images: ImageSet, path: string): Promise<void> {
  const ending = extname(path).toLowerCase();
  const { pixels, shape, count } = images;
  if (!(pixels instanceof Uint8Array)) {
    throw new PushforwardError('unsupported', 'images of float32 are not written', { where: path });
  }
  const isArray = arrayEndings.some((known) => known === ending);
  if (ending === '.png' || isArray) {
    await (isArray ? writeImageArray(path, images) : writeImageGrid(path, pixels, shape));
    return ending === '.npz' ? undefined : writeLabels(`${path.slice(0, -ending.length)}.labels.csv`, images);
  }
  if (ending !== '') {
    throw new PushforwardError('usage', `images cannot be written as ${ending}`, {
      where: path,
      mend: `give a path that ends in .png, ${arrayEndings.join(' or ')}, or a folder for a PNG each`,
    });
  }
  const names = labelNames(images);
  const wrong = names?.find((name) => name === '' || name.startsWith('.') || /[/\\]/.test(name));
  if (wrong !== undefined) {
    throw new PushforwardError('usage', `no folder can be named by the class ${JSON.stringify(wrong)}`, {
      where: path,
      mend: 'give a path that ends in .npz',
    });
  }
  await checkEmpty(path);
  const size = imageSize(shape);
  for (let i = 0; i < count; i++) {
    const png = encodePng(pixels.subarray(i * size, (i + 1) * size), shape);
    const folder = names === null ? path : join(path, names[i] as string);
    await writeFileAtomic(pictureName(folder, i, count), png);
  }
}

/** The class of each image; null for images without labels. */
function labelNames({ labels, classes }: ImageSet): string[] | null {
  return labels === undefined ? null : Array.from(labels, (label) => classes?.[label] ?? String(label));
}

async function writeLabels(path: string, images: ImageSet): Promise<void> {
  const values = labelNames(images);
  if (values === null) return;
  const places = Float64Array.from(values, (_, place) => place);
  const columns = [
    { name: 'image', type: 'number' as const, values: places },
    { name: 'label', type: 'string' as const, values },
  ];
  await writeFileAtomic(path, formatCsv({ rows: images.count, source: basename(path), columns }));
}

async function checkEmpty(folder: string): Promise<void> {
  await writing(folder, () => mkdir(folder, { recursive: true }));
  if ((await readdir(folder)).length === 0) return;
  throw new PushforwardError('usage', 'the folder is not empty', { where: folder, mend: 'give another one' });
}
