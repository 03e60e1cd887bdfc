import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** The base law N(0, I) in `dim` dimensions. */
export class StandardNormal {
  readonly dim: number;

  constructor(dim: number) {
    this.dim = dim;
  }

  /** Log-density of each row of z [n, dim], in nats: −½|z|² − ½·dim·log 2π. */
  logProb(z: Tensor2D): Tensor1D {
    return tf.tidy(() => {
      const squares: Tensor1D = tf.sum(tf.square(z), 1);
      return tf.sub(tf.mul(squares, -0.5), 0.5 * this.dim * LOG_TWO_PI);
    });
  }

  /**
   * n draws [n, dim], a function of the arguments alone; `temperature` (default 1) multiplies them.
   * The first rows of a longer draw are those of a shorter one.
   * @throws PushforwardError `usage` when n is no count or the temperature is negative or not finite.
   */
  sample(n: number, { seed = 0, temperature = 1 }: { seed?: number; temperature?: number } = {}): Tensor2D {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new PushforwardError('usage', `cannot draw ${n} rows`, {
        mend: 'ask for a whole number of rows',
      });
    }
    if (!(temperature >= 0 && Number.isFinite(temperature))) {
      throw new PushforwardError('usage', `the temperature is ${temperature}`, {
        mend: 'give a number that is not negative; 1 samples the model as it is',
      });
    }
    const z = new Float32Array(n * this.dim);
    new Random(seed, streamOf('sample')).normal(z);
    if (temperature !== 1) for (let i = 0; i < z.length; i++) z[i] = (z[i] as number) * temperature;
    return tf.tensor2d(z, [n, this.dim]);
  }
}

/** Φ, the CDF of N(0, 1), of every element; its absolute error is that of the backend's erf, about 1e-7. */
export function standardNormalCdf<T extends Tensor>(z: T): T {
  return tf.tidy(() => tf.mul(tf.add(tf.erf(tf.mul(z, Math.SQRT1_2)), 1), 0.5));
}
