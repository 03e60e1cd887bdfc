import { existsSync } from 'node:fs';
import { type ImageSet, takeImages } from '../../data/images/imageSet.js';
import { readImages } from '../../data/images/readImages.js';
import { PushforwardError } from '../../errors.js';
import { imageSize } from '../../imageShape.js';
import { Random, streamOf } from '../../random.js';
import { tf } from '../../tf.js';

/** Of one image. */
export const DIGIT = [28, 28, 1] as const;

/** Where the files are looked for when no folder is named, from the working folder. */
const USUAL_FOLDERS = ['data/mnist', '../shared/data/mnist'];

/** Training digits that are held out, and the share of all that these may not exceed. */
const HELD_OUT = 1000;
const MOST_HELD_OUT = 0.1;

/** Handwritten digits (LeCun, Cortes and Burges). */
export interface Digits {
  /** 60,000 with their classes. */
  readonly train: ImageSet;
  /** 10,000, of which nothing is chosen by. */
  readonly test: ImageSet;
}

/**
 * The four files of MNIST, packed with gzip or not.
 * @throws PushforwardError `usage` when no folder is named and none of the usual ones is there, `input` or `damaged`
 * for a folder that does not hold them.
 */
export async function readDigits(folder?: string): Promise<Digits> {
  const found = folder ?? USUAL_FOLDERS.find((usual) => existsSync(usual));
  if (found === undefined) {
    throw new PushforwardError(
      'usage',
      `the digits of MNIST are neither in ${USUAL_FOLDERS.join(' nor in ')}`,
      {
        mend: 'give the folder of train-images-idx3-ubyte.gz and the three files beside it with --data',
      },
    );
  }
  const [train, test] = await Promise.all([
    readImages(found, { part: 'train' }),
    readImages(found, { part: 'test' }),
  ]);
  for (const { shape, labels, classes } of [train, test]) {
    const sizes = [shape.height, shape.width, shape.channels];
    if (sizes.join() !== DIGIT.join() || labels === undefined || classes?.length !== 10) {
      throw new PushforwardError(
        'input',
        `holds images of ${sizes.join(' x ')}, or no labels of ten classes`,
        {
          where: found,
          mend: 'give the folder of the files of MNIST',
        },
      );
    }
  }
  return { train, test };
}

/** Images [n, 28, 28, 1] with pixels in [0, 1]. */
export function imageTensor({ pixels, count, shape }: ImageSet): tf.Tensor4D {
  const scale = pixels instanceof Uint8Array ? 1 / 255 : 1;
  const values = Float32Array.from(pixels, (value) => value * scale);
  return tf.tensor4d(values, [count, shape.height, shape.width, shape.channels]);
}

/** The first n images, or all where there are fewer. */
export function firstImages(images: ImageSet, n: number): ImageSet {
  return sliceImages(images, 0, n);
}

/** The images from place `first` to before `beyond`, or to the last. */
export function sliceImages(images: ImageSet, first: number, beyond: number): ImageSet {
  const size = imageSize(images.shape);
  const end = Math.min(beyond, images.count);
  const { labels } = images;
  return {
    ...images,
    count: end - first,
    pixels: images.pixels.subarray(first * size, end * size),
    ...(labels === undefined ? {} : { labels: labels.subarray(first, end) }),
  };
}

/** The images in an order of the seed. The first half of the test images is of tidier hands than the second. */
export function shuffled(images: ImageSet, seed: number): ImageSet {
  return takeImages(images, new Random(seed, streamOf('order of digits')).permutation(images.count));
}

/** The training images in an order of the seed: most of them, and 1,000 that epochs are chosen by. */
export function splitDigits({ train }: Digits, seed: number): { training: ImageSet; validation: ImageSet } {
  const order = shuffled(train, seed);
  const end = train.count - Math.min(HELD_OUT, Math.floor(MOST_HELD_OUT * train.count));
  return { training: sliceImages(order, 0, end), validation: sliceImages(order, end, train.count) };
}
