import { checkWhole } from '../checks.js';
import type { EstimateOptions } from '../model.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, tf } from '../tf.js';
import { checkEstimate, inBlocks, normalNoise } from './elbo.js';
import type { LatentModel } from './latentModel.js';

export interface ImportanceOptions extends EstimateOptions {
  /** Number of the first row: rows that are scored in parts then have the draws they would have together. Default 0. */
  readonly firstRow?: number;
}

/**
 * log p(x) ≈ log 1/K Σ_k p(x, z_k) / q(z_k | x), z_k ~ q(z | x), of each row, in nats: on average a lower bound,
 * within about the variance of the ratios over 2K of log p(x) (Burda, Grosse and Salakhutdinov 2016). Memory
 * does not grow with K: the sum is taken in parts, in double precision.
 * @throws PushforwardError `usage` for a number of samples below 1, or a seed or a first row below 0.
 */
export function importanceLogProb(
  model: LatentModel,
  x: Tensor,
  options: ImportanceOptions = {},
): Float64Array {
  const { samples = 1000, seed = 0, context, firstRow = 0 } = options;
  checkEstimate(samples, seed);
  checkWhole('firstRow', firstRow, 0);
  const random = new Random(seed, streamOf('importance'));
  random.position = firstRow * samples * model.latentDim;
  const logProb = new Float64Array(x.shape[0] as number);
  inBlocks(model, x, context, samples, (rows, own, first) => {
    const n = rows.shape[0] as number;
    // More than one part only where there is one row: a row's draws lie one after the other.
    const part = n > 1 ? samples : Math.min(samples, model.rowsAtOnce);
    const sums = Array.from({ length: n }, () => new RunningLogSum());
    for (let done = 0; done < samples; done += part) {
      const count = Math.min(part, samples - done);
      const ratios = tf.tidy(() => {
        const noise = normalNoise(random, n * count, model.latentDim);
        const { reconstruction, logPrior, logPosterior } = model.terms(rows, noise, own);
        return tf.add(reconstruction, tf.sub(logPrior, logPosterior)).dataSync();
      });
      sums.forEach((sum, i) => {
        sum.add(ratios.subarray(i * count, (i + 1) * count));
      });
    }
    sums.forEach((sum, i) => {
      logProb[first + i] = sum.value - Math.log(samples);
    });
    return [];
  });
  return logProb;
}

/** log Σ e^v of values that come in parts. */
export class RunningLogSum {
  #most = -Infinity;
  /** Σ e^{v − most}. */
  #sum = 0;

  add(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      // Also the way of NaN, which then stays.
      if (!(value <= this.#most)) {
        this.#sum = this.#most === -Infinity ? 0 : this.#sum * Math.exp(this.#most - value);
        this.#most = value;
      }
      this.#sum += value === -Infinity ? 0 : Math.exp(value - this.#most);
    }
  }

  get value(): number {
    return this.#most + Math.log(this.#sum);
  }
}
