/** What of a validation shows whether the latent is used. */
export interface VaeFigures {
  readonly activeUnits: number;
  /** Nats a row. */
  readonly kl: number;
}

/** Epochs in a row that no unit is active: it may take some until the first one is. */
const PATIENCE = 3;
/** The first steps say nothing: where an epoch has few of them, no unit may be active for tens of epochs. */
const FIRST_STEPS = 200;

/** Watches the epochs of a VAE and says, once, that its posterior has collapsed on the prior. */
export class VaeHealth {
  readonly #latentDim: number;
  readonly #stepsPerEpoch: number;
  #collapsed = 0;
  #isTold = false;

  constructor(latentDim: number, stepsPerEpoch: number) {
    this.#latentDim = latentDim;
    this.#stepsPerEpoch = stepsPerEpoch;
  }

  /** Warnings, in words, that this epoch gives rise to. */
  see(epoch: number, { activeUnits, kl }: VaeFigures): string[] {
    const isCollapsed = activeUnits === 0 && epoch * this.#stepsPerEpoch > FIRST_STEPS;
    this.#collapsed = isCollapsed ? this.#collapsed + 1 : 0;
    if (this.#isTold || this.#collapsed < PATIENCE) return [];
    this.#isTold = true;
    return [
      `the posterior has collapsed: 0 of ${this.#latentDim} latent units are active and the KL divergence is ` +
        `${kl.toFixed(3)} nats, for ${PATIENCE} epochs, so that codes say nothing; train for longer, or let the KL ` +
        'divergence warm up, or give it free bits',
    ];
  }
}
