import { PushforwardError } from '../../errors.js';
import { describeImageShape, type ImageShape, imageSize } from '../../imageShape.js';
import { checkPictureOptions, decodePicture, type PictureOptions } from './decodePicture.js';
import {
  checkedImages,
  type ImageFacts,
  type ImageSet,
  spreadPlaces,
  takeFacts,
  takeImages,
} from './imageSet.js';
import type { PictureFiles } from './listPictures.js';
import { unusable } from './readBytes.js';

/** Images that stay in their files, PNG and JPEG, until they are asked for. */
export interface PictureSet extends ImageFacts {
  /** One to an image. */
  readonly files: readonly string[];
  /** The file that the shape was taken from. */
  readonly example: string;
  readonly options: PictureOptions;
}

/** Pictures that are decoded at once. */
const AT_ONCE = 16;

/**
 * The set of at most `limit` of some files, evenly spread over them. The first is decoded for the shape.
 * @throws PushforwardError `usage` for options that make no sense; see `decodePicture` for the rest.
 */
export async function pictureSet(
  { files, labels, source, classes }: PictureFiles,
  options: PictureOptions,
  limit = files.length,
): Promise<PictureSet> {
  checkPictureOptions(options);
  const places = spreadPlaces(files.length, limit);
  const example = files[places[0] as number] as string;
  const { shape } = await decodePicture(example, options);
  const set = { files, example, options, shape, count: files.length, source };
  return takePictures(
    labels === undefined || classes === undefined ? set : { ...set, labels, classes },
    places,
  );
}

/**
 * Some of the pictures [places.length], in the order given.
 * @throws RangeError for a place where there is no picture.
 */
export function takePictures(
  { files, example, options, ...facts }: PictureSet,
  places: Int32Array,
): PictureSet {
  const taken = takeFacts(facts, places);
  return { ...taken, files: Array.from(places, (place) => files[place] as string), example, options };
}

/** Some of the images [places.length], in the order given, where they are; see `takeImages` and `takePictures`. */
export function takeSome<T extends ImageSet | PictureSet>(images: T, places: Int32Array): T {
  return ('files' in images ? takePictures(images, places) : takeImages(images, places)) as T;
}

/**
 * Decodes the pictures of a set off the main thread, if they are in files; the bytes of all are then in memory.
 * @throws PushforwardError as `decodeEach`, and `input` for more bytes than there may be in one piece.
 */
export async function inMemory(images: ImageSet | PictureSet): Promise<ImageSet> {
  if ('pixels' in images) return images;
  const { files: _files, example: _example, options: _options, ...facts } = images;
  const { count, shape, source } = facts;
  const size = imageSize(shape);
  const pixels = allocate(count, shape, source);
  const places = Int32Array.from({ length: count }, (_, place) => place);
  await decodeEach(images, places, (picture, i) => pixels.set(picture, i * size));
  return checkedImages({ ...facts, pixels });
}

/**
 * Decodes the pictures at some places off the main thread, and gives the bytes of each in their order, with its
 * number among them.
 * @throws PushforwardError `input` for a picture that is not of the set's shape; see `decodePicture` for the rest. Of
 * several faults it is always the first that is told.
 */
export async function decodeEach(
  { files, shape, options, example }: PictureSet,
  places: Int32Array,
  visit: (pixels: Uint8Array, i: number) => void,
): Promise<void> {
  for (let start = 0; start < places.length; start += AT_ONCE) {
    const names = Array.from(places.subarray(start, start + AT_ONCE), (place) => files[place] as string);
    const results = await Promise.allSettled(names.map((file) => decodePicture(file, options)));
    results.forEach((result, i) => {
      if (result.status === 'rejected') throw result.reason;
      checkAlike(names[i] as string, result.value.shape, example, shape);
      visit(result.value.pixels, start + i);
    });
  }
}

/** @throws PushforwardError `input` for more bytes than there may be in one piece. */
function allocate(count: number, shape: ImageShape, where: string): Uint8Array {
  try {
    return new Uint8Array(count * imageSize(shape));
  } catch (cause) {
    throw new PushforwardError(
      'input',
      `${count} pictures of ${describeImageShape(shape)} do not fit into memory`,
      {
        where,
        mend: 'give a smaller size, or a limit to their number',
        cause,
      },
    );
  }
}

/** @throws PushforwardError `input` for a shape that is not that of another file. */
function checkAlike(file: string, shape: ImageShape, otherFile: string, other: ImageShape): void {
  if (describeImageShape(shape) === describeImageShape(other)) return;
  const mend =
    shape.height === other.height && shape.width === other.width
      ? 'give the channels, 1 or 3, that all are brought to'
      : 'give the size that all are brought to';
  throw unusable(
    file,
    `is ${describeImageShape(shape)} where ${otherFile} is ${describeImageShape(other)}`,
    mend,
  );
}
