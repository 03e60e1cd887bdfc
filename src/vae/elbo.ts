import { checkDraw } from '../draw.js';
import { PushforwardError } from '../errors.js';
import type { EstimateOptions } from '../model.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { LatentModel, Terms } from './latentModel.js';
import { standardNormalDivergence } from './posterior.js';

/** The evidence lower bound of rows, log p(x) ≥ E_q[log p(x | z)] − KL(q(z | x) ‖ p(z)), and its parts; in nats. */
export type Elbo = {
  /** reconstruction − kl, [n]. */
  readonly elbo: Tensor1D;
  /** E_q[log p(x | z)], [n]. */
  readonly reconstruction: Tensor1D;
  /** KL(q(z | x) ‖ p(z)), [n]. */
  readonly kl: Tensor1D;
  /** The same by dimension, [n, latentDim], where posterior and prior are products over dimensions. */
  readonly klPerDimension: Tensor2D | undefined;
};

/** What an ELBO is made of, from its terms: the KL divergence in closed form where it has one. */
export function elboParts(model: LatentModel, terms: Terms): Omit<Elbo, 'elbo'> {
  const n = terms.moments.mean.shape[0];
  const reconstruction = meanOverSamples(terms.reconstruction, n);
  if (hasDimensions(model)) {
    const klPerDimension = standardNormalDivergence(terms.moments);
    return { reconstruction, kl: tf.sum(klPerDimension, 1), klPerDimension };
  }
  const kl = meanOverSamples(tf.sub(terms.logPosterior, terms.logPrior), n);
  return { reconstruction, kl, klPerDimension: undefined };
}

/** Whether the KL divergence is a sum over dimensions: a Gaussian posterior against N(0, I). */
export function hasDimensions({ prior, posterior }: LatentModel): boolean {
  return prior.isStandardNormal && posterior.flow === null;
}

/** The ELBO of each row, in blocks that fit into memory. A row's draws depend on the seed and its place alone. */
export function elboOf(model: LatentModel, x: Tensor, options: EstimateOptions = {}): Elbo {
  const { samples = 1, seed = 0, context } = options;
  checkEstimate(samples, seed);
  return tf.tidy(() => {
    const random = new Random(seed, streamOf('posterior'));
    const blocks = inBlocks(model, x, context, samples, (rows, own) => {
      const noise = normalNoise(random, rows.shape[0] * samples, model.latentDim);
      return elboParts(model, model.terms(rows, noise, own));
    });
    const joined = <T extends Tensor>(parts: readonly T[], none: T) =>
      parts.length === 0 ? none : tf.concat([...parts], 0);
    const reconstruction = joined(
      blocks.map((block) => block.reconstruction),
      tf.zeros<tf.Rank.R1>([0]),
    );
    const kl = joined(
      blocks.map((block) => block.kl),
      tf.zeros<tf.Rank.R1>([0]),
    );
    const klPerDimension = hasDimensions(model)
      ? joined(
          blocks.map((block) => block.klPerDimension as Tensor2D),
          tf.zeros([0, model.latentDim]) as Tensor2D,
        )
      : undefined;
    return { elbo: tf.sub(reconstruction, kl), reconstruction, kl, klPerDimension };
  });
}

/** @throws PushforwardError `usage` for a number of samples below 1, or a seed below 0. */
export function checkEstimate(samples: number, seed: number): void {
  if (!Number.isSafeInteger(samples) || samples < 1) {
    throw new PushforwardError('usage', `an estimate of ${samples} samples`, {
      mend: 'give a whole number from 1',
    });
  }
  // The seed by the rule of all draws.
  checkDraw(0, { seed });
}

/** Standard normals [rows, dim], the next ones of a generator. */
export function normalNoise(random: Random, rows: number, dim: number): Tensor2D {
  return tf.tensor2d(random.normal(new Float32Array(rows * dim)), [rows, dim]);
}

/** What `body` makes of the rows, block by block; each row stands for `samples` of them in memory. */
export function inBlocks<T extends tf.TensorContainer>(
  model: LatentModel,
  x: Tensor,
  context: Tensor2D | undefined,
  samples: number,
  body: (rows: Tensor, context: Tensor2D | undefined, first: number) => T,
): T[] {
  const n = x.shape[0] as number;
  const size = Math.max(1, Math.floor(model.rowsAtOnce / samples));
  const blocks: T[] = [];
  for (let first = 0; first < n; first += size) {
    const count = Math.min(size, n - first);
    blocks.push(
      tf.tidy(() => {
        const own = context === undefined ? undefined : tf.slice(context, [first, 0], [count, -1]);
        return body(tf.slice(x, first, count), own, first);
      }),
    );
  }
  return blocks;
}

/** Means [n] over the samples of each row. */
function meanOverSamples(values: Tensor1D, n: number): Tensor1D {
  return values.shape[0] === n ? values : tf.mean(tf.reshape(values, [n, values.shape[0] / n]), 1);
}
