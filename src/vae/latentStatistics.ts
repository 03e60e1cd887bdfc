import { PushforwardError } from '../errors.js';
import type { Tensor, Tensor2D } from '../tf.js';
import { hasDimensions, inBlocks } from './elbo.js';
import type { LatentModel } from './latentModel.js';
import { standardNormalDivergence } from './posterior.js';

/** What rows use of the latent. */
export interface LatentStatistics {
  /** Variance over the rows of the code in each dimension. */
  readonly activity: number[];
  /** Dimensions whose activity is above 0.01 (Burda, Grosse and Salakhutdinov 2016, section 5.3). */
  readonly activeUnits: number;
  /** Mean KL divergence of each dimension, in nats; null where it has none. About 0 in all is a collapsed posterior. */
  readonly klPerDimension: number[] | null;
}

/** Variance of a dimension's code above which it counts as used. */
const LEAST_ACTIVITY = 0.01;

/**
 * The statistics of rows x [n, ...shape] by their posteriors alone: nothing is drawn.
 * @throws PushforwardError `usage` for no rows.
 */
export function latentStatistics(model: LatentModel, x: Tensor, context?: Tensor2D): LatentStatistics {
  const n = x.shape[0] as number;
  if (n === 0) {
    throw new PushforwardError('usage', 'latent statistics of no rows', { mend: 'give at least one' });
  }
  const d = model.latentDim;
  const codes = new Float64Array(d);
  const squares = new Float64Array(d);
  const divergences = hasDimensions(model) ? new Float64Array(d) : null;
  // About the first row's code, which keeps the digits of codes that lie far from 0.
  let origin: Float32Array | undefined;
  inBlocks(model, x, context, 1, (rows, own) => {
    const moments = model.moments(rows, own);
    const centres = model.posterior.centre(moments).dataSync<'float32'>();
    origin ??= centres.slice(0, d);
    const kl = divergences === null ? undefined : standardNormalDivergence(moments).dataSync();
    for (let i = 0; i < centres.length; i++) {
      const j = i % d;
      const code = (centres[i] as number) - (origin[j] as number);
      codes[j] = (codes[j] as number) + code / n;
      squares[j] = (squares[j] as number) + code ** 2 / n;
      if (divergences !== null) divergences[j] = (divergences[j] as number) + (kl?.[i] as number) / n;
    }
    return [];
  });
  const activity = Array.from(squares, (square, j) => Math.max(0, square - (codes[j] as number) ** 2));
  return {
    activity,
    activeUnits: activity.filter((variance) => variance > LEAST_ACTIVITY).length,
    klPerDimension: divergences === null ? null : [...divergences],
  };
}
