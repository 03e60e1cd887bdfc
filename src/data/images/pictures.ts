import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PushforwardError } from '../../errors.js';
import { type ImageShape, imageSize } from '../../imageShape.js';
import { checkPictureOptions, decodePicture, type PictureOptions } from './decodePicture.js';
import { checkedImages, type ImageSet, spreadPlaces } from './imageSet.js';
import { naturalOrder } from './naturalOrder.js';
import type { ImagePart } from './numpyImages.js';
import { unusable } from './readBytes.js';

/** The files of a folder of pictures, in order, with what their places say of them. */
export interface PictureFiles {
  readonly files: readonly string[];
  readonly labels?: Int32Array;
  readonly classes?: readonly string[];
  /** The path they come from. */
  readonly source: string;
}

const PICTURE = /[.](png|jpe?g)$/i;

/** Pictures that are decoded at once. */
const AT_ONCE = 16;

/**
 * The PNG and JPEG files of a folder in the natural order of their names, or of a folder with one such folder to a
 * class, the classes in the order of theirs; either may lie in the folders train and test.
 * @returns null for a folder without pictures.
 * @throws PushforwardError `input` for a class without pictures and for pictures beside classes, `usage` for a part of
 * a folder that has none.
 */
export async function listPictures(path: string, part: ImagePart | undefined): Promise<PictureFiles | null> {
  const top = await list(path);
  if (part === undefined && top.folders.join() === 'test') {
    throw unusable(path, 'holds no train images', 'ask for the part test');
  }
  if (top.pictures.length === 0 && top.folders.includes(part ?? 'train')) {
    const found = await listPictures(join(path, part ?? 'train'), undefined);
    return found === null ? null : { ...found, source: path };
  }
  const classes = await Promise.all(
    top.folders.map(async (name) => ({ name, pictures: (await list(join(path, name))).pictures })),
  );
  const isLabelled = classes.some(({ pictures }) => pictures.length > 0);
  if (!isLabelled && top.pictures.length === 0) return null;
  if (part !== undefined) {
    throw new PushforwardError('usage', `a folder of pictures without a folder ${part} in it`, {
      where: path,
      mend: 'leave the part out',
    });
  }
  if (!isLabelled) return { files: top.pictures.map((name) => join(path, name)), source: path };
  if (top.pictures.length > 0) {
    const what = `holds ${top.pictures[0]} beside folders of pictures`;
    throw unusable(path, what, 'put each picture into the folder of its class');
  }
  const empty = classes.find(({ pictures }) => pictures.length === 0);
  if (empty !== undefined) {
    const mend = 'give each class pictures, or take its folder away';
    throw unusable(join(path, empty.name), 'holds no PNG or JPEG files', mend);
  }
  return {
    files: classes.flatMap(({ name, pictures }) => pictures.map((picture) => join(path, name, picture))),
    labels: Int32Array.from(classes.flatMap(({ pictures }, label) => pictures.map(() => label))),
    classes: top.folders,
    source: path,
  };
}

/**
 * Decodes pictures off the main thread; the bytes of all are then in memory. Files that are grey give one channel
 * and all others three, unless `channels` says which.
 * @param limit how many at most, evenly spread over the files.
 * @throws PushforwardError `input` for pictures of different shapes, `usage` for options that make no sense; see
 * `decodePicture` for the rest.
 */
export async function decodePictures(
  { files, labels, source, classes }: PictureFiles,
  { limit = files.length, ...options }: PictureOptions & { readonly limit?: number } = {},
): Promise<ImageSet> {
  checkPictureOptions(options);
  const places = spreadPlaces(files.length, limit);
  const chosen = Array.from(places, (place) => files[place] as string);
  const [first] = chosen as [string];
  const { shape } = await decodePicture(first, options);
  const size = imageSize(shape);
  const pixels = allocate(chosen.length, shape, source);
  for (let start = 0; start < chosen.length; start += AT_ONCE) {
    const names = chosen.slice(start, start + AT_ONCE);
    const results = await Promise.allSettled(names.map((file) => decodePicture(file, options)));
    // In order, so that of several faults it is always the first that is told.
    results.forEach((result, i) => {
      if (result.status === 'rejected') throw result.reason;
      checkAlike(names[i] as string, result.value.shape, first, shape);
      pixels.set(result.value.pixels, (start + i) * size);
    });
  }
  const set = { count: chosen.length, shape, pixels, source };
  if (labels === undefined || classes === undefined) return checkedImages(set);
  return checkedImages({ ...set, labels: places.map((place) => labels[place] as number), classes });
}

/** @throws PushforwardError `input` for more bytes than there may be in one piece. */
function allocate(count: number, shape: ImageShape, where: string): Uint8Array {
  try {
    return new Uint8Array(count * imageSize(shape));
  } catch (cause) {
    throw new PushforwardError(
      'input',
      `${count} pictures of ${describeShape(shape)} do not fit into memory`,
      {
        where,
        mend: 'give a smaller size, or a limit to their number',
        cause,
      },
    );
  }
}

/** @throws PushforwardError `input` for a shape that is not that of another file. */
export function checkAlike(file: string, shape: ImageShape, otherFile: string, other: ImageShape): void {
  if (describeShape(shape) === describeShape(other)) return;
  const mend =
    shape.height === other.height && shape.width === other.width
      ? 'give the channels, 1 or 3, that all are brought to'
      : 'give the size that all are brought to';
  throw unusable(file, `is ${describeShape(shape)} where ${otherFile} is ${describeShape(other)}`, mend);
}

function describeShape({ height, width, channels }: ImageShape): string {
  return `${height} x ${width} x ${channels}`;
}

/** The pictures of a folder, and the folders in it that may be classes or parts; links count as what they lead to. */
async function list(path: string): Promise<{ pictures: readonly string[]; folders: readonly string[] }> {
  const pictures: string[] = [];
  const folders: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const kind = entry.isSymbolicLink() ? await stat(join(path, entry.name)) : entry;
    if (kind.isDirectory()) folders.push(entry.name);
    else if (PICTURE.test(entry.name)) pictures.push(entry.name);
  }
  return { pictures: pictures.sort(naturalOrder), folders: folders.sort(naturalOrder) };
}
