import { PushforwardError } from '../../errors.js';
import { type ImageShape, imageSize } from '../../imageShape.js';

/** What is known of images of one shape. */
export interface ImageFacts {
  readonly shape: ImageShape;
  /** How many there are. */
  readonly count: number;
  /** The class of each image, from 0. */
  readonly labels?: Int32Array;
  /** The names of the classes: their numbers, where the files name none. Of labelled images only. */
  readonly classes?: readonly string[];
  /** The path they come from. */
  readonly source: string;
}

/** Images in memory, as they lie in files. */
export interface ImageSet extends ImageFacts {
  /** [count, height, width, channels]: bytes, or float32 intensities in [0, 1]. */
  readonly pixels: Uint8Array | Float32Array;
}

/**
 * Checks what a reader gives, and names the classes if it did not.
 * @throws PushforwardError `input` for no images, and for labels that are not one to an image.
 */
export function checkedImages(images: ImageSet): ImageSet {
  const { count, labels, shape, source } = images;
  if (count === 0 || imageSize(shape) === 0) {
    throw new PushforwardError('input', 'holds no images', { where: source, mend: 'give at least one' });
  }
  if (labels !== undefined && labels.length !== count) {
    throw new PushforwardError('input', `${count} images but ${labels.length} labels`, {
      where: source,
      mend: 'give the labels that belong to these images',
    });
  }
  if (labels === undefined || images.classes !== undefined) return images;
  const classes = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  return { ...images, classes: Array.from({ length: classes }, (_, label) => String(label)) };
}

/**
 * Some of the images [places.length], in the order given.
 * @throws RangeError for a place where there is no image.
 */
export function takeImages(images: ImageSet, places: Int32Array): ImageSet {
  const { pixels, ...facts } = images;
  const taken = takeFacts(facts, places);
  const size = imageSize(images.shape);
  const length = places.length * size;
  const out = pixels instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  places.forEach((place, i) => {
    out.set(pixels.subarray(place * size, (place + 1) * size), i * size);
  });
  return { ...taken, pixels: out };
}

/**
 * What is known of some of the images; see `takeImages`.
 * @throws RangeError for a place where there is no image.
 */
export function takeFacts({ labels, ...facts }: ImageFacts, places: Int32Array): ImageFacts {
  const wrong = places.find((place) => !(place >= 0 && place < facts.count));
  if (wrong !== undefined) throw new RangeError(`no image ${wrong} among ${facts.count}`);
  const taken = { ...facts, count: places.length };
  return labels === undefined ? taken : { ...taken, labels: places.map((place) => labels[place] as number) };
}

/**
 * Places of at most so many among `count`, in order and evenly spread, so that of images that lie class by class some
 * of each are taken.
 * @throws PushforwardError `usage` for a limit that is no whole number above zero.
 */
export function spreadPlaces(count: number, limit: number): Int32Array {
  if (!Number.isInteger(limit) || limit < 1) {
    throw new PushforwardError('usage', `at most ${limit} images`, {
      mend: 'give a whole number above zero',
    });
  }
  const taken = Math.min(count, limit);
  return Int32Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}
