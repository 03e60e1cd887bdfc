import { checkNotNegative } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import { elboParts } from './elbo.js';
import type { LatentModel } from './latentModel.js';

/** What a fit maximises: in all of these 1 nat is 1 nat of log p(x), but for the KL divergence's weight. */
export interface VaeObjective {
  /**
   * `elbo`: the mean over the draws of their bounds. `iwae`: log 1/k Σ p(x, z_i) / q(z_i | x), which is above it
   * for k > 1 and grows towards log p(x) with k (Burda, Grosse and Salakhutdinov 2016, equation 8).
   */
  readonly bound: 'elbo' | 'iwae';
  /** Draws k from the posterior for each row. */
  readonly samples: number;
  /** Weight of the KL divergence when it has warmed up (β-VAE, Higgins et al. 2017); 1 is the bound itself. */
  readonly beta: number;
  /**
   * Nats of KL divergence that are free in each dimension, so that it is not driven to 0 (Kingma et al. 2016,
   * equation 15): what counts is max(freeBits, mean over the batch); in all dimensions together, and as many
   * times as much, where the divergence has none. For the bound `elbo` alone.
   */
  readonly freeBits: number;
  /** Epochs over which the weight grows evenly from 0 to beta (Bowman et al. 2016); 0 is none. */
  readonly warmUpEpochs: number;
  /** Epochs after which the weight starts again at 0 (Fu et al. 2019); null for never. */
  readonly cycleEpochs: number | null;
}

/** The ELBO of one draw. */
const plainObjective: VaeObjective = {
  bound: 'elbo',
  samples: 1,
  beta: 1,
  freeBits: 0,
  warmUpEpochs: 0,
  cycleEpochs: null,
};

/**
 * The objective with these changes to the plain one.
 * @throws PushforwardError `usage` for one that makes no sense.
 */
export function objectiveOf(changes: Partial<VaeObjective>): VaeObjective {
  const objective = { ...plainObjective, ...changes };
  const { bound, samples, beta, freeBits, warmUpEpochs, cycleEpochs } = objective;
  const wrong = (what: string, mend: string) => new PushforwardError('usage', what, { mend });
  if (bound !== 'elbo' && bound !== 'iwae') throw wrong(`the bound is ${bound}`, 'give elbo or iwae');
  if (!Number.isSafeInteger(samples) || samples < 1) {
    throw wrong(`${samples} samples of each row`, 'give a whole number from 1');
  }
  for (const [name, value] of Object.entries({ beta, freeBits, warmUpEpochs })) checkNotNegative(name, value);
  if (cycleEpochs !== null) checkNotNegative('cycleEpochs', cycleEpochs);
  if (bound === 'iwae' && freeBits > 0) throw wrong('free bits of an IWAE bound', 'leave out one of them');
  if (cycleEpochs !== null && !(cycleEpochs >= warmUpEpochs && cycleEpochs > 0)) {
    throw wrong(`a cycle of ${cycleEpochs} epochs with ${warmUpEpochs} of warm-up`, 'give a longer cycle');
  }
  return objective;
}

/** The weight of the KL divergence after so many epochs, whole ones and the share of the one in hand. */
export function klWeight({ beta, warmUpEpochs, cycleEpochs }: VaeObjective, epochs: number): number {
  const within = cycleEpochs === null ? epochs : epochs % cycleEpochs;
  return warmUpEpochs === 0 ? beta : beta * Math.min(1, within / warmUpEpochs);
}

/** Scalars of a batch in nats a row. */
export type VaeLosses = {
  /** What is minimised. */
  readonly loss: tf.Scalar;
  /** −E_q[log p(x | z)]. */
  readonly reconstruction: tf.Scalar;
  /** KL(q(z | x) ‖ p(z)), neither weighted nor cut. */
  readonly kl: tf.Scalar;
};

/** What the objective makes of a batch with noise [n·samples, latentDim], the KL divergence weighing `weight`. */
export function lossesOf(
  model: LatentModel,
  { bound, freeBits }: VaeObjective,
  batch: { readonly x: Tensor; readonly context?: Tensor2D | undefined; readonly noise: Tensor2D },
  weight: number,
  training = false,
): VaeLosses {
  return tf.tidy(() => {
    const terms = model.terms(batch.x, batch.noise, batch.context, training);
    const parts = elboParts(model, terms);
    const reconstruction: tf.Scalar = tf.neg(tf.mean<tf.Scalar>(parts.reconstruction));
    const kl: tf.Scalar = tf.mean(parts.kl);
    if (bound === 'iwae') {
      const n = batch.x.shape[0] as number;
      const weighted = tf.mul(tf.sub(terms.logPrior, terms.logPosterior), weight);
      const ratios = tf.reshape(tf.add(terms.reconstruction, weighted), [n, -1]);
      const bounds = tf.sub(tf.logSumExp(ratios, 1), Math.log(ratios.shape[1] as number));
      return { loss: tf.neg(tf.mean<tf.Scalar>(bounds)), reconstruction, kl };
    }
    // Of each dimension where there are any, else of all together.
    const divergences = parts.klPerDimension === undefined ? kl : tf.mean(parts.klPerDimension, 0);
    const free = parts.klPerDimension === undefined ? freeBits * model.latentDim : freeBits;
    const counted = free > 0 ? tf.maximum(divergences, free) : divergences;
    const loss: tf.Scalar = tf.add(reconstruction, tf.mul(tf.sum<tf.Scalar>(counted), weight));
    return { loss, reconstruction, kl };
  });
}
