import { zeros } from '../nn/mlp.js';
import { triangularSolve } from '../ops/solve.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { rotationFactors } from './rotation.js';
import { sameForRows } from './rows.js';

/**
 * y = L (U x) + bias, a learned linear mixing in LU form (Kingma and Dhariwal 2018, section 3.2;
 * Durkan et al. 2019, section 3.1). One matrix `lu` [d, d] holds both factors: strictly below the
 * diagonal L, whose diagonal is 1; strictly above it U; on it the logarithm of U's diagonal. So the
 * map is invertible whatever `lu` is, and its log-determinant is the trace of `lu`.
 *
 * Everything that depends on `lu` alone is constant w.r.t. x: a traced graph holds one matrix product.
 */
export class LuLinear implements Bijection {
  readonly kind = 'luLinear';
  readonly contextDim = 0;
  readonly dim: number;
  readonly parameters;
  readonly #below: Float32Array;
  readonly #diagonal: Float32Array;
  readonly #above: Float32Array;

  /** @param start what it is before training: the identity, or a random rotation as in Glow. */
  constructor(dim: number, start: 'identity' | 'rotation' = 'identity') {
    this.dim = dim;
    const initialise = start === 'identity' ? zeros : rotationFactors(dim);
    this.parameters = [
      { name: 'lu', shape: [dim, dim], initialise },
      { name: 'bias', shape: [dim], initialise: zeros },
    ] as const;
    const mask = (holds: (i: number, j: number) => boolean) =>
      Float32Array.from({ length: dim * dim }, (_, k) => (holds(Math.floor(k / dim), k % dim) ? 1 : 0));
    this.#below = mask((i, j) => i > j);
    this.#diagonal = mask((i, j) => i === j);
    this.#above = mask((i, j) => i < j);
  }

  forward(x: Tensor2D, parameters: readonly Tensor[]): { y: Tensor2D; logDet: Tensor1D } {
    const [lu, bias] = parameters as [Tensor2D, Tensor1D];
    return tf.tidy(() => {
      const { lower, upper, logDet } = this.#factors(lu);
      const matrix = tf.matMul(lower, upper);
      return { y: tf.add(tf.matMul(x, matrix, false, true), bias), logDet: sameForRows(x, logDet) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[]): { x: Tensor2D; logDet: Tensor1D } {
    const [lu, bias] = parameters as [Tensor2D, Tensor1D];
    return tf.tidy(() => {
      const { lower, upper, logDet } = this.#factors(lu);
      const inner = triangularSolve(lower, this.#square(this.#diagonal), { unitDiagonal: true });
      const matrix = triangularSolve(upper, inner, { lower: false });
      return {
        x: tf.matMul(tf.sub(y, bias) as Tensor2D, matrix, false, true),
        logDet: sameForRows(y, tf.neg(logDet)),
      };
    });
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: this.kind, parameters: slices };
  }

  #square(values: Float32Array): Tensor2D {
    return tf.tensor2d(values, [this.dim, this.dim]);
  }

  /** L, U and the sum of the logarithms of U's diagonal. */
  #factors(lu: Tensor2D): { lower: Tensor2D; upper: Tensor2D; logDet: Tensor } {
    const identity = this.#square(this.#diagonal);
    const logDiagonal = tf.mul(lu, identity);
    const lower = tf.add(tf.mul(lu, this.#square(this.#below)), identity) as Tensor2D;
    // exp of the diagonal alone: an entry above 88 elsewhere would be ∞, and ∞ · 0 is NaN.
    const scales = tf.mul(tf.exp(logDiagonal), identity);
    const upper = tf.add(tf.mul(lu, this.#square(this.#above)), scales) as Tensor2D;
    return { lower, upper, logDet: tf.sum(logDiagonal) };
  }
}
