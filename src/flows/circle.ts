import { type Tensor2D, tf } from '../tf.js';

/** Values on the circle of circumference 2·bound as those on [−bound, bound), up to rounding. */
export function wrapped(values: Tensor2D, bound: number): Tensor2D {
  return tf.sub(values, wholeTurns(values, bound));
}

/** The multiples of 2·bound that take values to [−bound, bound). They are constant to gradients. */
export function wholeTurns(values: Tensor2D, bound: number): Tensor2D {
  return tf.mul(tf.floor(tf.div(tf.add(values, bound), 2 * bound)), 2 * bound);
}
