import { type Tensor, tf } from '../../tf.js';
import type { Vae } from '../../vae/vae.js';
import { inTurns } from './inTurns.js';

/** Rows between which a measurement lets the process breathe. */
const PART = 100;

/** Means over rows, nats. */
export interface Bounds {
  readonly elbo: number;
  readonly reconstruction: number;
  readonly kl: number;
}

/** The evidence lower bound of rows with its parts, by one draw from the posterior for each. */
export async function meanBounds(
  vae: Vae,
  x: Tensor,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Bounds> {
  const rows = x.shape[0] as number;
  const sums = { elbo: 0, reconstruction: 0, kl: 0 };
  await inTurns(rows, PART, signal, (first, count) =>
    tf.tidy(() => {
      const bound = vae.elbo(tf.slice(x, first, count), { seed: seed + first });
      for (const name of ['elbo', 'reconstruction', 'kl'] as const) {
        sums[name] += (tf.sum(bound[name]).dataSync()[0] as number) / rows;
      }
    }),
  );
  return sums;
}

/** Estimates of log p(x) of each row, by so many importance samples. */
export async function logProbs(
  vae: Vae,
  x: Tensor,
  samples: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const out = new Float64Array(x.shape[0] as number);
  await inTurns(out.length, PART, signal, (first, count) =>
    tf.tidy(() => {
      const part = vae.logProb(tf.slice(x, first, count), { samples, seed, firstRow: first });
      out.set(part.dataSync(), first);
    }),
  );
  return out;
}

export interface NllOptions {
  /** Importance samples for each of all rows. */
  readonly few: number;
  /** Importance samples for each of the first `rows`. */
  readonly many: number;
  readonly rows: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

/** Means of −log p(x), nats. */
export interface NllEstimates {
  /** Of all rows by few samples: a bound from above. */
  readonly few: number;
  /** Of the first rows by many. */
  readonly many: number;
  /**
   * Of all rows by many: that by few, less what more samples took off the first rows. The difference hardly depends
   * on the row while log p(x) does, so that a part of the rows is enough.
   */
  readonly all: number;
}

export async function negativeLogLikelihoods(
  vae: Vae,
  x: Tensor,
  { few, many, rows, seed, signal }: NllOptions,
): Promise<NllEstimates> {
  const byFew = await logProbs(vae, x, few, seed, signal);
  const first = tf.slice(x, 0, Math.min(rows, x.shape[0] as number));
  const byMany = await logProbs(vae, first, many, seed, signal);
  first.dispose();
  const gain = mean(byMany) - mean(byFew.subarray(0, byMany.length));
  return { few: -mean(byFew), many: -mean(byMany), all: -mean(byFew) - gain };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}
