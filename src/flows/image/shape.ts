import { PushforwardError } from '../../errors.js';
import { type Tensor2D, type Tensor4D, tf } from '../../tf.js';

/**
 * The shape of one image. A flow's rows [n, height · width · channels] hold images row-major, channels
 * last, so that they are the images [n, height, width, channels] without any copy.
 */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** How many numbers an image has. */
export function imageSize({ height, width, channels }: ImageShape): number {
  return height * width * channels;
}

/** Rows [n, height · width · channels] as the images they are. */
export function toImages(rows: Tensor2D, { height, width, channels }: ImageShape): Tensor4D {
  return tf.reshape(rows, [rows.shape[0], height, width, channels]);
}

/** Images [n, height, width, channels] as rows. */
export function toRows(images: Tensor4D): Tensor2D {
  const [n, height, width, channels] = images.shape;
  return tf.reshape(images, [n, height * width * channels]);
}

/** @throws PushforwardError `usage` for sizes that are not whole numbers above zero. */
export function checkImageShape({ height, width, channels }: ImageShape): void {
  if ([height, width, channels].every((size) => Number.isInteger(size) && size > 0)) return;
  throw new PushforwardError('usage', `images of ${height} x ${width} pixels and ${channels} channels`, {
    mend: 'give whole numbers above zero',
  });
}
