import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { sameForRows } from './rows.js';

/** y_i = x_{order[i]}: a fixed permutation of the dimensions, without parameters. */
export class Permutation implements Bijection {
  readonly kind = 'permutation';
  readonly contextDim = 0;
  readonly parameters = [];
  readonly dim: number;
  readonly order: readonly number[];
  readonly #inverse: readonly number[];

  /** @throws PushforwardError `usage` when `order` does not hold each of 0 … d − 1 once. */
  constructor(order: readonly number[]) {
    const inverse = new Array<number>(order.length).fill(-1);
    order.forEach((from, to) => {
      inverse[from] = to;
    });
    if (inverse.length !== order.length || inverse.some((to) => to === undefined || to < 0)) {
      throw new PushforwardError('usage', `[${order.join(', ')}] is no permutation`, {
        mend: `give each of 0 to ${order.length - 1} once`,
      });
    }
    this.dim = order.length;
    this.order = [...order];
    this.#inverse = inverse;
  }

  /** Last dimension first. */
  static reverse(dim: number): Permutation {
    return new Permutation(Array.from({ length: dim }, (_, i) => dim - 1 - i));
  }

  /** A permutation drawn from `seed`. */
  static random(dim: number, seed: number): Permutation {
    return new Permutation([...new Random(seed, streamOf('permutation')).permutation(dim)]);
  }

  forward(x: Tensor2D, _parameters: readonly Tensor[]): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => ({
      y: permuteColumns(x, this.order, this.#inverse),
      logDet: sameForRows(x, tf.scalar(0)),
    }));
  }

  inverse(y: Tensor2D, _parameters: readonly Tensor[]): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => ({
      x: permuteColumns(y, this.#inverse, this.order),
      logDet: sameForRows(y, tf.scalar(0)),
    }));
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: this.kind, order: this.order, parameters: slices };
  }
}

/**
 * Columns of x [n, d] in the order given. The gradient is this same function with the orders
 * exchanged, and so has every higher order; the gradient tfjs has for a gather sums over segments.
 */
function permuteColumns(x: Tensor2D, order: readonly number[], inverse: readonly number[]): Tensor2D {
  const permute = tf.customGrad((input) => ({
    value: tf.gather(input as Tensor2D, tf.tensor1d([...order], 'int32'), 1),
    gradFunc: (dy: Tensor) => permuteColumns(dy as Tensor2D, inverse, order),
  }));
  return permute(x) as Tensor2D;
}
