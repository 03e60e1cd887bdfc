import type { DrawOptions } from '../draw.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { type BaseDistribution, type BaseDrawOptions, sampleFromNormal } from './base.js';

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** The base law N(0, I) in `dim` dimensions. Its centre is 0. */
export class StandardNormal implements BaseDistribution {
  readonly kind = 'standardNormal';
  readonly contextDim = 0;
  readonly parameters: readonly ParameterDefinition[] = [];
  readonly dim: number;
  readonly noiseDim: number;

  constructor(dim: number) {
    this.dim = dim;
    this.noiseDim = dim;
  }

  /** Log-density of each row of z [n, dim], in nats: −½|z|² − ½·dim·log 2π. */
  logProb(z: Tensor2D): Tensor1D {
    return tf.tidy(() => {
      const squares: Tensor1D = tf.sum(tf.square(z), 1);
      return tf.sub(tf.mul(squares, -0.5), 0.5 * this.dim * LOG_TWO_PI);
    });
  }

  sample(n: number, options: DrawOptions & Pick<BaseDrawOptions, 'stream'> = {}): Tensor2D {
    return sampleFromNormal(this, n, { ...options, parameters: [] });
  }

  fromNormal(
    noise: Tensor2D,
    _parameters: readonly Tensor[] = [],
    _context?: Tensor2D,
    temperature = 1,
  ): Tensor2D {
    return temperature === 1 ? tf.clone(noise) : tf.mul(noise, temperature);
  }
}

/** Φ, the CDF of N(0, 1), of every element; its absolute error is that of the backend's erf, about 1e-7. */
export function standardNormalCdf<T extends Tensor>(z: T): T {
  return tf.tidy(() => tf.mul(tf.add(tf.erf(tf.mul(z, Math.SQRT1_2)), 1), 0.5));
}
