import { PushforwardError } from '../../errors.js';
import { boundedLogScale } from '../../nn/logScale.js';
import { zeros } from '../../nn/mlp.js';
import type { ParameterDefinition } from '../../ops/flatParameters.js';
import type { Random } from '../../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../tf.js';
import { scaledDraw, scaledLogProb } from '../locationScale.js';
import { StandardNormal } from '../standardNormal.js';
import type { Likelihood, LikelihoodConfig } from './likelihood.js';
import { flatRows, widened } from './rows.js';

export interface GaussianLikelihoodOptions {
  /**
   * The standard deviation: a number that is kept; `shared`, one for all numbers, that is learned (Rybkin,
   * Daniilidis and Levine 2021); or `perOutput`, one for each number, that the decoder puts out after all
   * the means. Default `shared`.
   */
  readonly scale?: number | 'shared' | 'perOutput';
}

/** Greatest absolute log-scale that a decoder can ask for: a softer one than overflow would set. */
const LOG_SCALE_BOUND = 7;

/**
 * Normal numbers. The decoder puts out their means and, with a scale `perOutput`, log-scales [..., 2c] after
 * them, softly bounded. Parameters: logScale [1] where the scale is `shared`; it starts at 0.
 */
export class GaussianLikelihood implements Likelihood {
  readonly kind = 'gaussian';
  readonly support = null;
  readonly parameters: readonly ParameterDefinition[];
  readonly #scale: number | 'shared' | 'perOutput';

  /** @throws PushforwardError `usage` for a scale that is not above 0. */
  constructor({ scale = 'shared' }: GaussianLikelihoodOptions = {}) {
    const isNumber = typeof scale === 'number' && scale > 0 && Number.isFinite(scale);
    if (!isNumber && scale !== 'shared' && scale !== 'perOutput') {
      throw new PushforwardError('usage', `a standard deviation of ${scale}`, {
        mend: "give a positive number, 'shared' or 'perOutput'",
      });
    }
    this.#scale = scale;
    this.parameters = scale === 'shared' ? [{ name: 'logScale', shape: [1], initialise: zeros }] : [];
  }

  outputShape(shape: readonly number[]): number[] {
    return widened(shape, this.#scale === 'perOutput' ? 2 : 1);
  }

  logProb(x: Tensor, outputs: Tensor, parameters: readonly Tensor[]): Tensor1D {
    return tf.tidy(() => {
      const rows = flatRows(x);
      const standard = new StandardNormal(rows.shape[1]);
      const { mean, logScale } = this.#moments(outputs, parameters);
      return scaledLogProb(rows, flatRows(mean), logScale, (u) => standard.logProb(u));
    });
  }

  mean(outputs: Tensor): Tensor {
    return this.#scale === 'perOutput' ? tf.tidy(() => halves(outputs)[0]) : tf.clone(outputs);
  }

  sample(outputs: Tensor, parameters: readonly Tensor[], random: Random): Tensor {
    return tf.tidy(() => {
      const { mean, logScale } = this.#moments(outputs, parameters);
      const rows = flatRows(mean);
      const noise = tf.tensor2d(random.normal(new Float32Array(rows.size)), rows.shape);
      return tf.reshape(scaledDraw(noise, rows, logScale, 1), mean.shape);
    });
  }

  toJSON(): LikelihoodConfig {
    return { kind: this.kind, scale: this.#scale };
  }

  /** Means in the shape of the data, and log-scales [n, d] or, where all rows have the same, [d]. */
  #moments(outputs: Tensor, parameters: readonly Tensor[]): { mean: Tensor; logScale: Tensor } {
    if (this.#scale === 'perOutput') {
      const [mean, raw] = halves(outputs);
      return { mean, logScale: boundedLogScale<Tensor2D>(flatRows(raw), LOG_SCALE_BOUND) };
    }
    const width = tf.util.sizeFromShape(outputs.shape.slice(1));
    const logScale =
      this.#scale === 'shared'
        ? tf.tile(parameters[0] as Tensor, [width])
        : tf.fill([width], Math.log(this.#scale));
    return { mean: outputs, logScale };
  }
}

function halves(outputs: Tensor): [Tensor, Tensor] {
  return tf.split(outputs, 2, -1) as [Tensor, Tensor];
}
