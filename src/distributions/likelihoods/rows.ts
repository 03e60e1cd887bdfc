import type { Random } from '../../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../tf.js';

/** [n, ...] as [n, numbers a row]. */
export function flatRows(values: Tensor): Tensor2D {
  const [n = 0, ...shape] = values.shape;
  return tf.reshape(values, [n, tf.util.sizeFromShape(shape)]);
}

/** The sum over the numbers of each row, [n]. */
export function sumOfRows(values: Tensor): Tensor1D {
  return tf.sum(flatRows(values), 1);
}

/** The shape of outputs that say `count` numbers of each number of x. */
export function widened(shape: readonly number[], count: number): number[] {
  return shape.map((size, axis) => (axis === shape.length - 1 ? size * count : size));
}

/** Uniforms on (0, 1) in the shape of a tensor, from `random`. */
export function uniformsLike(values: Tensor, random: Random): Tensor {
  return tf.tensor(random.uniform(new Float32Array(values.size)), values.shape);
}

/** log u − log(1 − u) of uniforms u: draws of the standard logistic law. */
export function logit(u: Tensor): Tensor {
  return tf.sub(tf.log(u), tf.log1p(tf.neg(u)));
}
