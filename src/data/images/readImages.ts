import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PushforwardError } from '../../errors.js';
import { imageSize } from '../../imageShape.js';
import { fileFailure } from '../readErrors.js';
import { imagesFromCifar } from './cifar.js';
import type { PictureOptions } from './decodePicture.js';
import { imagesFromIdx, isIdx, type NamedBytes } from './idx.js';
import { type ImageSet, spreadPlaces, takeImages } from './imageSet.js';
import { listPictures } from './listPictures.js';
import { isNpy } from './npy.js';
import { isZip } from './npz.js';
import { type ImagePart, imagesFromNpy, imagesFromNpz } from './numpyImages.js';
import { inMemory, type PictureSet, pictureSet } from './pictures.js';
import { readBytes, unusable } from './readBytes.js';

export interface ReadImagesOptions extends PictureOptions {
  /**
   * Which images of a set that comes in two parts (the folder of MNIST or CIFAR-10, an NPZ file with x_train and
   * x_test, folders train and test of pictures). Default `train`.
   */
  readonly part?: ImagePart;
  /** How many to take at most, evenly spread over their order. Default all. */
  readonly limit?: number;
}

const EXPECTED =
  'give an IDX file, the folder of MNIST (train-images-idx3-ubyte, …) or of CIFAR-10 (data_batch_1.bin, …), ' +
  'an NPY or an NPZ file, a folder of PNG and JPEG files or of one such folder to a class';

/** The files of one part of MNIST, or of a set made like it, and of CIFAR-10, packed or not. */
const IDX_IMAGES = { train: /train.*images.*idx3/, test: /(t10k|test).*images.*idx3/ };
const CIFAR = { train: /^(data_batch|train).*[.]bin([.]gz)?$/, test: /^test.*[.]bin([.]gz)?$/ };

/**
 * Opens images by what lies at a path: an IDX file, with the labels beside it; the folder of MNIST or CIFAR-10;
 * an NPY or NPZ file; a folder of PNG and JPEG files, or of one such folder to a class (see `decodePicture` for what
 * becomes of transparency, photographs and 16 bits). All but pictures may be packed with gzip. All images are then
 * in memory as the bytes they are, and become floats row by row (see `imageRows`).
 * @throws PushforwardError `input` for a path that holds none of these, kinds that are not read here, or mixed shapes,
 * `usage` for options that do not fit what is there, `damaged` for files that are cut or not what they claim to be,
 * `unsupported` where the decoder of pictures does not load.
 */
export async function readImages(path: string, options: ReadImagesOptions = {}): Promise<ImageSet> {
  return inMemory(await openImages(path, options, Number.POSITIVE_INFINITY));
}

/** Bytes of pictures that are held in memory rather than decoded whenever they are asked for. */
const MOST_IN_MEMORY = 2 ** 29;

/**
 * Opens images as `readImages` does, but leaves pictures that would take more than so many bytes in their files.
 * @throws PushforwardError as `readImages`; of pictures that stay in their files only the first was decoded.
 */
export async function openImages(
  path: string,
  options: ReadImagesOptions = {},
  mostInMemory = MOST_IN_MEMORY,
): Promise<ImageSet | PictureSet> {
  const found = await stat(path).catch((cause) => {
    throw fileFailure(path, cause);
  });
  const { part, limit, ...pictureOptions } = options;
  if (found.isDirectory() && !(await isPublicSet(path))) {
    const pictures = await listPictures(path, part);
    if (pictures !== null) {
      const set = await pictureSet(pictures, pictureOptions, limit);
      return set.count * imageSize(set.shape) > mostInMemory ? set : inMemory(set);
    }
  }
  for (const name of ['size', 'channels'] as const) {
    if (pictureOptions[name] === undefined) continue;
    throw new PushforwardError('usage', `${name} is for folders of PNG and JPEG files`, {
      where: path,
      mend: 'leave it out',
    });
  }
  const images = found.isDirectory() ? await readFolder(path, part ?? 'train') : await readSingle(path, part);
  return limit === undefined ? images : takeImages(images, spreadPlaces(images.count, limit));
}

/**
 * Opens a folder of PNG and JPEG files, or of one such folder to a class, as `readImages` does, but decodes only the
 * first of them, for the shape. `prefetchedRows` decodes the others as they are trained on.
 * @throws PushforwardError `input` for a path that is no such folder; see `readImages` for the rest.
 */
export async function openPictures(
  path: string,
  { part, limit, ...options }: ReadImagesOptions = {},
): Promise<PictureSet> {
  const found = await stat(path).catch((cause) => {
    throw fileFailure(path, cause);
  });
  const pictures = found.isDirectory() ? await listPictures(path, part) : null;
  if (pictures !== null) return pictureSet(pictures, options, limit);
  throw unusable(path, 'is no folder of PNG or JPEG files', 'open other images with readImages');
}

async function readSingle(path: string, part: ImagePart | undefined): Promise<ImageSet> {
  const file = await readNamed(path);
  if (isZip(file.bytes)) return imagesFromNpz(file, part);
  if (part !== undefined) {
    throw new PushforwardError('usage', `a single file has no part ${part}`, {
      where: path,
      mend: 'leave the part out, or name the folder',
    });
  }
  if (isNpy(file.bytes)) return imagesFromNpy(file);
  if (/[.]bin([.]gz)?$/.test(path)) return imagesFromCifar([file], path);
  if (isIdx(file.bytes)) return imagesFromIdx(file, await labelsBeside(path));
  throw unusable(path, 'is no file of images', EXPECTED);
}

/** Tells whether a folder holds files that are named as those of MNIST or CIFAR-10 are. */
async function isPublicSet(path: string): Promise<boolean> {
  const names = await readdir(path);
  return [IDX_IMAGES, CIFAR].some((parts) =>
    names.some((name) => parts.train.test(name) || parts.test.test(name)),
  );
}

async function readFolder(path: string, part: ImagePart): Promise<ImageSet> {
  const names = (await readdir(path)).sort();
  const idx = names.filter((name) => IDX_IMAGES[part].test(name));
  if (idx.length > 1) {
    throw unusable(path, `holds ${idx.slice(0, 2).join(' and ')}`, 'name the file itself');
  }
  if (idx[0] !== undefined) {
    const images = join(path, idx[0]);
    return { ...imagesFromIdx(await readNamed(images), await labelsBeside(images)), source: path };
  }
  const batches = names.filter((name) => CIFAR[part].test(name));
  if (batches.length > 0) {
    return imagesFromCifar(await Promise.all(batches.map((name) => readNamed(join(path, name)))), path);
  }
  const other = part === 'train' ? 'test' : 'train';
  if (names.some((name) => IDX_IMAGES[other].test(name) || CIFAR[other].test(name))) {
    throw unusable(path, `holds no ${part} images`, `ask for the part ${other}`);
  }
  throw unusable(path, 'holds no images', EXPECTED);
}

/** The file of labels that belongs to one of images: packed or not, whatever that one is. */
async function labelsBeside(path: string): Promise<NamedBytes | null> {
  const plain = basename(path)
    .replace(/[.]gz$/, '')
    .replace('images', 'labels')
    .replace('idx3', 'idx1');
  if (!plain.includes('labels')) return null;
  const names = await readdir(dirname(path));
  const name = [plain, `${plain}.gz`].find((candidate) => names.includes(candidate));
  return name === undefined ? null : readNamed(join(dirname(path), name));
}

async function readNamed(path: string): Promise<NamedBytes> {
  return { where: path, bytes: await readBytes(path) };
}
