import { type Tensor, tf } from '../tf.js';

/**
 * tf.split into pieces of these sizes along an axis, for one piece too: the gradient of tf.split takes a
 * list of cotangents, which tfjs does not give an op with a single output.
 */
export function splitSizes<T extends Tensor>(x: T, sizes: readonly number[], axis: number): T[] {
  return sizes.length === 1 ? [tf.clone(x)] : tf.split(x, [...sizes], axis);
}
