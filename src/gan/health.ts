import type { GanObjective } from './objective.js';

/** What of an epoch shows whether the two networks still learn from each other. */
export interface GanFigures {
  /** Means of D(x) and D(g(z)). */
  readonly realScore: number;
  readonly fakeScore: number;
  /** Mean distance between generated rows over that between real ones. */
  readonly diversity: number;
}

/** Epochs in a row that a figure has to be out of bounds: one may be so by chance. */
const PATIENCE = 3;
/** Probabilities beyond which a critic is sure of its classes, so that little slope is left for the generator. */
const SURE = 0.97;
/** A generator that has not learnt anything yet gives nearly equal rows, so the first epochs say nothing. */
const FIRST_EPOCHS = 5;
const LEAST_DIVERSITY = 0.2;

/** Watches the epochs of a GAN and says, once each, that the critic has won or that modes have collapsed. */
export class GanHealth {
  readonly #hasProbabilities: boolean;
  #sure = 0;
  #uniform = 0;
  #isWonTold = false;
  #isCollapseTold = false;

  constructor({ loss }: GanObjective) {
    this.#hasProbabilities = loss === 'minimax' || loss === 'nonSaturating';
  }

  /** Warnings, in words, that this epoch gives rise to. */
  see(epoch: number, { realScore, fakeScore, diversity }: GanFigures): string[] {
    const isSure = this.#hasProbabilities && realScore > SURE && fakeScore < 1 - SURE;
    this.#sure = isSure ? this.#sure + 1 : 0;
    this.#uniform = epoch > FIRST_EPOCHS && diversity < LEAST_DIVERSITY ? this.#uniform + 1 : 0;
    const warnings: string[] = [];
    if (this.#sure >= PATIENCE && !this.#isWonTold) {
      this.#isWonTold = true;
      warnings.push(
        `the critic has won: D(x) is ${realScore.toFixed(3)} and D(G(z)) ${fakeScore.toFixed(3)} for ${PATIENCE} epochs, ` +
          'which leaves the generator little to learn from; take a Wasserstein loss or a smaller learning rate',
      );
    }
    if (this.#uniform >= PATIENCE && !this.#isCollapseTold) {
      this.#isCollapseTold = true;
      warnings.push(
        `modes have collapsed: generated rows differ from each other by ${(100 * diversity).toFixed(1)} % of what real ` +
          `ones do, for ${PATIENCE} epochs; take packs of 2 or more, or a Wasserstein loss`,
      );
    }
    return warnings;
  }
}
