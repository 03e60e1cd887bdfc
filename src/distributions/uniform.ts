import { PushforwardError } from '../errors.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { type BaseDistribution, type BaseDrawOptions, sampleFromNormal } from './base.js';
import { standardNormalCdf } from './standardNormal.js';

export interface UniformOptions {
  /** Least value of each dimension. */
  readonly low: readonly number[];
  /** Greatest value of each dimension, above the least. */
  readonly high: readonly number[];
}

/**
 * The uniform law on the box [low, high], its border included. Outside, the log-density is −Infinity
 * with a gradient of 0, so the flow over it should end in a map into the box. It has no centre to
 * shrink draws about, and refuses temperatures other than 1. No parameters.
 */
export class Uniform implements BaseDistribution {
  readonly kind = 'uniform';
  readonly contextDim = 0;
  readonly parameters: readonly ParameterDefinition[] = [];
  readonly dim: number;
  readonly noiseDim: number;
  readonly #low: Float32Array;
  readonly #high: Float32Array;
  readonly #logVolume: number;

  /** @throws PushforwardError `usage` for sides that do not match or are not above 0 in float32. */
  constructor({ low, high }: UniformOptions) {
    this.dim = low.length;
    this.noiseDim = low.length;
    this.#low = Float32Array.from(low);
    this.#high = Float32Array.from(high);
    const sides = Array.from(this.#high, (value, i) => value - (this.#low[i] as number));
    if (high.length !== low.length || !sides.every((side) => side > 0 && Number.isFinite(side))) {
      throw new PushforwardError('usage', `a box from [${low}] to [${high}]`, {
        mend: 'give as many finite numbers to both, and to high the greater ones',
      });
    }
    this.#logVolume = sides.reduce((sum, side) => sum + Math.log(side), 0);
  }

  logProb(z: Tensor2D): Tensor1D {
    return tf.tidy(() => {
      const below = tf.step(tf.sub(tf.tensor1d(this.#low), z));
      const above = tf.step(tf.sub(z, tf.tensor1d(this.#high)));
      const outside: Tensor1D = tf.sum(tf.add(below, above), 1);
      // log 0 = −∞ outside, log 1 = 0 inside; the gradient of tf.step is 0 whatever comes down to it.
      return tf.sub(tf.log(tf.sub<Tensor1D>(1, tf.step(outside))), this.#logVolume);
    });
  }

  /** @throws PushforwardError `usage` for a temperature other than 1. */
  sample(n: number, options: BaseDrawOptions): Tensor2D {
    return sampleFromNormal(this, n, options);
  }

  /** low + (high − low) · Φ(noise). */
  fromNormal(
    noise: Tensor2D,
    _parameters: readonly Tensor[],
    _context?: Tensor2D,
    temperature = 1,
  ): Tensor2D {
    if (temperature !== 1) {
      throw new PushforwardError('usage', `a uniform law at temperature ${temperature}`, {
        mend: 'leave the temperature at 1',
      });
    }
    return tf.tidy(() => {
      const [low, high] = [tf.tensor1d(this.#low), tf.tensor1d(this.#high)];
      const z = tf.add(tf.mul(standardNormalCdf(noise), tf.sub(high, low)), low);
      // The sum may be rounded to above high where Φ is 1.
      return tf.minimum(z, high);
    });
  }
}
