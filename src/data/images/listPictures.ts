import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PushforwardError } from '../../errors.js';
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
/** Pictures that would be missed if they were passed over as other files are. */
const OTHER_PICTURE = /[.](gif|webp|bmp|tiff?|heic|heif|avif|jp2|jxl|svg|p[bgp]m)$/i;

/**
 * The PNG and JPEG files of a folder in the natural order of their names, or of a folder with one such folder to a
 * class, the classes in the order of theirs; either may lie in the folders train and test.
 * @returns null for a folder without pictures.
 * @throws PushforwardError `input` for a class without pictures, pictures beside classes and of other kinds, `usage`
 * for a part of a folder that has none.
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

/** The pictures of a folder, and the folders in it that may be classes or parts; links count as what they lead to. */
async function list(path: string): Promise<{ pictures: readonly string[]; folders: readonly string[] }> {
  const pictures: string[] = [];
  const folders: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const kind = entry.isSymbolicLink() ? await stat(join(path, entry.name)) : entry;
    if (kind.isDirectory()) folders.push(entry.name);
    else if (PICTURE.test(entry.name)) pictures.push(entry.name);
    else if (OTHER_PICTURE.test(entry.name)) {
      const mend = 'convert it to PNG, or take it out of the folder';
      throw unusable(join(path, entry.name), 'is neither PNG nor JPEG', mend);
    }
  }
  return { pictures: pictures.sort(naturalOrder), folders: folders.sort(naturalOrder) };
}
