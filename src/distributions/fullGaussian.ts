import { zeros } from '../nn/mlp.js';
import { triangularSolve } from '../ops/solve.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { type BaseDistribution, type BaseDrawOptions, sampleFromNormal } from './base.js';
import { StandardNormal } from './standardNormal.js';

/**
 * N(mean, (AᵀA)^−1) with a lower-triangular A, trained with the mean; it starts as N(0, I). A is the
 * factor of the precision and not of the covariance, so that a density, A (z − mean) ~ N(0, I), is one
 * matrix product, and only a draw solves a triangular system, once however many rows.
 *
 * Parameters mean [d] and factor [d, d]: strictly below the diagonal A itself, on the diagonal the
 * logarithm of A's; what stands above is not used. Its centre is the mean.
 */
export class FullGaussian implements BaseDistribution {
  readonly kind = 'fullGaussian';
  readonly contextDim = 0;
  readonly dim: number;
  readonly noiseDim: number;
  readonly parameters;
  readonly #standard: StandardNormal;
  readonly #below: Float32Array;
  readonly #identity: Float32Array;

  constructor(dim: number) {
    this.dim = dim;
    this.noiseDim = dim;
    this.parameters = [
      { name: 'mean', shape: [dim], initialise: zeros },
      { name: 'factor', shape: [dim, dim], initialise: zeros },
    ] as const;
    this.#standard = new StandardNormal(dim);
    const mask = (holds: (i: number, j: number) => boolean) =>
      Float32Array.from({ length: dim * dim }, (_, k) => (holds(Math.floor(k / dim), k % dim) ? 1 : 0));
    this.#below = mask((i, j) => i > j);
    this.#identity = mask((i, j) => i === j);
  }

  logProb(z: Tensor2D, parameters: readonly Tensor[]): Tensor1D {
    const [mean, factor] = parameters as [Tensor1D, Tensor2D];
    return tf.tidy(() => {
      const { matrix, logDet } = this.#whitening(factor);
      const u: Tensor2D = tf.matMul(tf.sub<Tensor2D>(z, mean), matrix, false, true);
      return tf.add(this.#standard.logProb(u), logDet);
    });
  }

  sample(n: number, options: BaseDrawOptions): Tensor2D {
    return sampleFromNormal(this, n, options);
  }

  fromNormal(noise: Tensor2D, parameters: readonly Tensor[], _context?: Tensor2D, temperature = 1): Tensor2D {
    const [mean, factor] = parameters as [Tensor1D, Tensor2D];
    return tf.tidy(() => {
      const colouring = triangularSolve(this.#whitening(factor).matrix, this.#square(this.#identity));
      return tf.add(tf.matMul(tf.mul<Tensor2D>(noise, temperature), colouring, false, true), mean);
    });
  }

  /** A and log det A. */
  #whitening(factor: Tensor2D): { matrix: Tensor2D; logDet: Tensor } {
    const identity = this.#square(this.#identity);
    const logDiagonal = tf.mul(factor, identity);
    // exp of the diagonal alone: an entry above 88 elsewhere would be ∞, and ∞ · 0 is NaN.
    const scales = tf.mul(tf.exp(logDiagonal), identity);
    const matrix: Tensor2D = tf.add(tf.mul(factor, this.#square(this.#below)), scales);
    return { matrix, logDet: tf.sum(logDiagonal) };
  }

  #square(values: Float32Array): Tensor2D {
    return tf.tensor2d(values, [this.dim, this.dim]);
  }
}
