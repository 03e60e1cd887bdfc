import type { ImageShape } from '../../imageShape.js';
import { type Tensor2D, type Tensor4D, tf } from '../../tf.js';

/** Rows [n, height · width · channels] as the images they are. */
export function toImages(rows: Tensor2D, { height, width, channels }: ImageShape): Tensor4D {
  return tf.reshape(rows, [rows.shape[0], height, width, channels]);
}

/** Images [n, height, width, channels] as rows. */
export function toRows(images: Tensor4D): Tensor2D {
  const [n, height, width, channels] = images.shape;
  return tf.reshape(images, [n, height * width * channels]);
}
