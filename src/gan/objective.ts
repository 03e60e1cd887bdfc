import { checkNotNegative } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { type AdversarialLossName, adversarialLosses } from './losses.js';

/** What the two networks of a GAN go by. */
export interface GanObjective {
  /** See `adversarialLosses`. */
  readonly loss: AdversarialLossName;
  /** Rows that the critic judges together (PacGAN); 1 is a plain GAN. */
  readonly pac: number;
  /**
   * Weight of `gradientPenalty`; 0 is none, 10 the authors' choice for wasserstein. Like `r1` it wants a critic without
   * batch normalisation.
   */
  readonly gradientPenalty: number;
  /** Weight of `r1Penalty`; 0 is none. */
  readonly r1: number;
  /** Whether the critic's kernels are divided by their greatest singular values; see `SpectralNormalisation`. */
  readonly spectralNormalisation: boolean;
  /** The law of z, each number by itself: N(0, 1), or uniform on (−1, 1). */
  readonly latent: 'normal' | 'uniform';
}

/** Non-saturating, one row at a time, no penalty. */
export const plainGanObjective: GanObjective = {
  loss: 'nonSaturating',
  pac: 1,
  gradientPenalty: 0,
  r1: 0,
  spectralNormalisation: false,
  latent: 'normal',
};

/**
 * The objective with these changes to the plain one.
 * @throws PushforwardError `usage` for one that makes no sense.
 */
export function ganObjectiveOf(changes: Partial<GanObjective>): GanObjective {
  const objective = { ...plainGanObjective, ...changes };
  const { loss, pac, latent, gradientPenalty, r1 } = objective;
  const wrong = (what: string, mend: string) => new PushforwardError('usage', what, { mend });
  if (!Object.hasOwn(adversarialLosses, loss)) {
    throw wrong(`the loss is ${loss}`, `give one of ${Object.keys(adversarialLosses).join(', ')}`);
  }
  if (!Number.isSafeInteger(pac) || pac < 1) throw wrong(`packs of ${pac}`, 'give a whole number from 1');
  if (latent !== 'normal' && latent !== 'uniform') {
    throw wrong(`the latent is ${latent}`, 'give normal or uniform');
  }
  for (const [name, value] of Object.entries({ gradientPenalty, r1 })) checkNotNegative(name, value);
  return objective;
}
