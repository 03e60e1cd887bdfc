import { PushforwardError } from '../../errors.js';
import type { ImageShape } from '../../imageShape.js';
import { type Tensor4D, tf } from '../../tf.js';

/**
 * How a coupling parts an image (Dinh, Sohl-Dickstein and Bengio 2017, section 3.4): `channels` in two
 * halves, the first of which passes unchanged, or `checkerboard`, whose pixels (i, j) with i + j even
 * do.
 */
export type ImageMask = 'channels' | 'checkerboard';

/** The part of images that passes unchanged and drives the other. */
export interface ImageParts {
  /** Channels of what drives. */
  readonly inputs: number;
  /** Channels of what is driven. */
  readonly outputs: number;
  /** What drives, of images [n, h, w, c]: [n, h, w, inputs]. */
  pick(images: Tensor4D): Tensor4D;
  /** Values for what is driven [n, h, w, outputs], at its place in [n, h, w, c], zero elsewhere. */
  place(values: Tensor4D): Tensor4D;
}

/**
 * The parts of a mask; `flip` exchanges the roles of the two.
 * @throws PushforwardError `usage` for images that have not two parts.
 */
export function partsOf(mask: ImageMask, shape: ImageShape, flip: boolean): ImageParts {
  return mask === 'channels' ? channelHalves(shape, flip) : checkerboard(shape, flip);
}

/** Of an odd number of channels the first half is the smaller. */
function channelHalves({ channels }: ImageShape, flip: boolean): ImageParts {
  if (channels < 2) {
    throw new PushforwardError('usage', 'one channel has no halves', {
      mend: "squeeze the image first, or take the mask 'checkerboard'",
    });
  }
  const half = Math.floor(channels / 2);
  const [start, inputs] = flip ? [half, channels - half] : [0, half];
  const [before, after] = flip ? [0, channels - half] : [half, 0];
  return {
    inputs,
    outputs: channels - inputs,
    pick: (images) => tf.slice(images, [0, 0, 0, start], [-1, -1, -1, inputs]),
    place: (values) =>
      tf.pad(values, [
        [0, 0],
        [0, 0],
        [0, 0],
        [before, after],
      ]),
  };
}

function checkerboard({ height, width, channels }: ImageShape, flip: boolean): ImageParts {
  if (height * width < 2) {
    throw new PushforwardError('usage', 'one pixel is no checkerboard', {
      mend: "take the mask 'channels'",
    });
  }
  const passes = Float32Array.from({ length: height * width }, (_, pixel) => {
    const isEven = (Math.floor(pixel / width) + (pixel % width)) % 2 === 0;
    return isEven === flip ? 0 : 1;
  });
  const board = (values: Float32Array) => tf.tensor4d(values, [1, height, width, 1]);
  return {
    inputs: channels,
    outputs: channels,
    pick: (images) => tf.mul(images, board(passes)),
    place: (values) => tf.mul(values, board(passes.map((value) => 1 - value))),
  };
}
