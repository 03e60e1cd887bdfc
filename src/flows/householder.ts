import { PushforwardError } from '../errors.js';
import { scaledNormal } from '../nn/mlp.js';
import { clamp, constantLess } from '../ops/clamp.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { sameForRows } from './rows.js';

export interface HouseholderOptions {
  readonly dim: number;
  /** How many reflections there are; `dim`, the default, make any orthogonal matrix. */
  readonly reflections?: number;
}

/** A vector whose square is less has no direction in float32, and its reflection is left out. */
const LEAST_SQUARE = 1e-30;

/**
 * y = H_k ⋯ H_1 x with reflections H_i = I − 2 v_i v_iᵀ / |v_i|² (Tomczak and Welling 2016, section 3):
 * an orthogonal mixing whose log-determinant is 0 and whose inverse is the same reflections the other way
 * round. The vectors start as N(0, 1), so that it starts as a random orthogonal matrix.
 *
 * The product of the reflections is constant w.r.t. x: a traced graph holds one matrix product.
 */
export class Householder implements Bijection {
  readonly kind = 'householder';
  readonly contextDim = 0;
  readonly dim: number;
  readonly parameters;

  /** @throws PushforwardError `usage` when `reflections` is no count from 1. */
  constructor({ dim, reflections = dim }: HouseholderOptions) {
    if (!(Number.isInteger(reflections) && reflections >= 1)) {
      throw new PushforwardError('usage', `${reflections} reflections`, {
        mend: 'give a whole number from 1',
      });
    }
    this.dim = dim;
    this.parameters = [{ name: 'vectors', shape: [reflections, dim], initialise: scaledNormal(1) }] as const;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[]): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => ({
      y: tf.matMul(x, this.#matrix(parameters[0] as Tensor2D), false, true),
      logDet: sameForRows(x, tf.scalar(0)),
    }));
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[]): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => ({
      x: tf.matMul(y, this.#matrix(parameters[0] as Tensor2D)),
      logDet: sameForRows(y, tf.scalar(0)),
    }));
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: this.kind, parameters: slices };
  }

  /** H_k ⋯ H_1 [dim, dim]. */
  #matrix(vectors: Tensor2D): Tensor2D {
    const { dim } = this;
    const identity = Float32Array.from({ length: dim * dim }, (_, i) => (i % (dim + 1) === 0 ? 1 : 0));
    let matrix: Tensor2D = tf.tensor2d(identity, [dim, dim]);
    for (let i = 0; i < vectors.shape[0]; i++) {
      const vector = tf.slice(vectors, [i, 0], [1, dim]);
      const { direction, factor } = directionOf(vector);
      const across = tf.mul(factor, tf.matMul(direction, matrix)) as Tensor2D;
      matrix = tf.sub(matrix, tf.matMul(direction, across, true, false));
    }
    return matrix;
  }
}

/** v / |v| [1, dim], and 2 [1, 1]; 0 where v has no direction. */
function directionOf(vector: Tensor2D): { direction: Tensor2D; factor: Tensor } {
  const square = tf.matMul(vector, vector, false, true);
  const least = tf.fill([1, 1], LEAST_SQUARE);
  const length = tf.sqrt(clamp(square, least, tf.fill([1, 1], Infinity)));
  const isLong = tf.sub(1, constantLess(square, least));
  return { direction: tf.div(vector, length), factor: tf.mul(2, isLong) };
}
