import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';

/** One number for every row of x: [n], each `value`. It is no function of x, only of how many rows x has. */
export function sameForRows(x: Tensor2D, value: Tensor): Tensor1D {
  return tf.add(tf.zeros<tf.Rank.R1>([x.shape[0]]), value);
}
