import { PushforwardError } from '../../errors.js';
import { boundedLogScale } from '../../nn/logScale.js';
import type { Random } from '../../random.js';
import { type Tensor, type Tensor1D, tf } from '../../tf.js';
import type { Likelihood, LikelihoodConfig, LikelihoodSupport } from './likelihood.js';
import { logit, sumOfRows, uniformsLike, widened } from './rows.js';

export interface DiscretisedLogisticOptions {
  /** How many values there are, evenly spaced; at least 2. Default 256. */
  readonly levels?: number;
  /** Least value. Default 0. */
  readonly low?: number;
  /** Greatest value, above the least. Default 1. */
  readonly high?: number;
}

/**
 * Greatest absolute logarithm of the scale, in steps between two levels. At the lower end all mass is on one
 * level, at the upper the law is flat over thousands.
 */
const LOG_SCALE_BOUND = 10;

/**
 * Evenly spaced levels whose probabilities are those that a logistic law gives to their cells, the outer
 * cells being open (Kingma et al. 2016, equation for images in their appendix; Salimans et al. 2017 with one
 * component). The decoder puts out locations, in units of x, and after them the logarithms of scales in
 * steps between two levels, softly bounded: [..., 2c].
 *
 * σ(a) − σ(b) = σ(a) σ(−b) (1 − e^{b−a}) makes a sum of logarithms of the cell's mass, none of which
 * cancels or underflows, however far x lies from the location.
 */
export class DiscretisedLogistic implements Likelihood {
  readonly kind = 'discretisedLogistic';
  readonly parameters = [];
  readonly support: Required<LikelihoodSupport>;
  readonly #levels: number;

  /** @throws PushforwardError `usage` for fewer than two levels, or an interval that is empty. */
  constructor({ levels = 256, low = 0, high = 1 }: DiscretisedLogisticOptions = {}) {
    if (!Number.isSafeInteger(levels) || levels < 2 || !(high > low && Number.isFinite(high - low))) {
      throw new PushforwardError('usage', `${levels} levels from ${low} to ${high}`, {
        mend: 'give a whole number from 2, and to high the greater number',
      });
    }
    this.#levels = levels;
    this.support = { low, high, step: (high - low) / (levels - 1) };
  }

  outputShape(shape: readonly number[]): number[] {
    return widened(shape, 2);
  }

  /**
   * The law nearest to the uniform one: in its middle, and with its standard deviation, which a logistic law of scale s
   * has at s = √(levels² − 1) / 2π (a sixth less for 256 levels, by the soft bound). Outputs of 0 would be one level
   * with probability 0.24 and leave next to nothing to those that are far from it.
   */
  firstOutputs(columns: number): number[] {
    const { low, high } = this.support;
    const logScale = Math.log(Math.sqrt(this.#levels ** 2 - 1) / (2 * Math.PI));
    return [...new Array(columns).fill((low + high) / 2), ...new Array(columns).fill(logScale)];
  }

  logProb(x: Tensor, outputs: Tensor): Tensor1D {
    return tf.tidy(() => {
      const { location, logScale } = this.#inSteps(outputs);
      const level = this.#level(x);
      const rate = tf.exp(tf.neg(logScale));
      const distance = tf.sub(level, location);
      const above = tf.mul(tf.add(distance, 0.5), rate);
      const below = tf.mul(tf.sub(distance, 0.5), rate);
      // 1 but at the end whose cell is open there: tf.step is 1 above 0 alone.
      const hasUpper = tf.step(tf.sub(this.#levels - 1.5, level));
      const hasLower = tf.step(tf.sub(level, 0.5));
      const upper = tf.mul(hasUpper, tf.softplus(tf.neg(above)));
      const lower = tf.mul(hasLower, tf.softplus(below));
      const width = tf.log(tf.neg(tf.expm1(tf.neg(rate))));
      return sumOfRows(tf.sub(tf.mul(tf.mul(hasUpper, hasLower), width), tf.add(upper, lower)));
    });
  }

  /**
   * The mean of the logistic law with what lies outside put on the outer levels, low + s·(log(1 + e^{(μ − low)/s})
   * − log(1 + e^{(μ − high)/s})), as the nearest value to μ and what the tails add to it, since the difference
   * would cancel where μ is far outside. Rounding to levels moves it by less than half a step, and by next to
   * nothing where the scale is above a step.
   */
  mean(outputs: Tensor): Tensor {
    return tf.tidy(() => {
      const { location, logScale } = this.#inSteps(outputs);
      const rate = tf.exp(tf.neg(logScale));
      const tail = (end: number) => tf.softplus(tf.neg(tf.abs(tf.mul(tf.sub(location, end), rate))));
      const tails = tf.mul(tf.sub(tail(0), tail(this.#levels - 1)), tf.exp(logScale));
      return this.#value(tf.add(tf.clipByValue(location, 0, this.#levels - 1), tails));
    });
  }

  sample(outputs: Tensor, _parameters: readonly Tensor[], random: Random): Tensor {
    return tf.tidy(() => {
      const { location, logScale } = this.#inSteps(outputs);
      const draw = tf.add(location, tf.mul(tf.exp(logScale), logit(uniformsLike(location, random))));
      return this.#value(tf.clipByValue(tf.round(draw), 0, this.#levels - 1));
    });
  }

  toJSON(): LikelihoodConfig {
    const { low, high } = this.support;
    return { kind: this.kind, levels: this.#levels, low, high };
  }

  /** Locations and log-scales in steps, from the lowest level on. */
  #inSteps(outputs: Tensor): { location: Tensor; logScale: Tensor } {
    const [location, raw] = tf.split(outputs, 2, -1) as [Tensor, Tensor];
    return {
      location: tf.mul(tf.sub(location, this.support.low), 1 / this.support.step),
      logScale: boundedLogScale(raw, LOG_SCALE_BOUND),
    };
  }

  /** The number of the level that x is. */
  #level(x: Tensor): Tensor {
    return tf.round(tf.mul(tf.sub(x, this.support.low), 1 / this.support.step));
  }

  #value(level: Tensor): Tensor {
    return tf.add(tf.mul(level, this.support.step), this.support.low);
  }
}
