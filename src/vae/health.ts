/** What of a validation shows whether the latent is used. */
export interface VaeFigures {
  readonly activeUnits: number;
  /** Nats a row. */
  readonly kl: number;
}

/** Epochs in a row that no unit is active: it may take some until the first one is. */
const PATIENCE = 3;

/** Watches the epochs of a VAE and says, once, that its posterior has collapsed on the prior. */
export class VaeHealth {
  readonly #latentDim: number;
  #collapsed = 0;

  constructor(latentDim: number) {
    this.#latentDim = latentDim;
  }

  /** Warnings, in words, that this epoch gives rise to. */
  see({ activeUnits, kl }: VaeFigures): string[] {
    this.#collapsed = activeUnits === 0 ? this.#collapsed + 1 : 0;
    if (this.#collapsed !== PATIENCE) return [];
    return [
      `the posterior has collapsed: 0 of ${this.#latentDim} latent units are active and the KL divergence is ` +
        `${kl.toFixed(3)} nats, for ${PATIENCE} epochs, so that codes say nothing; train for longer, or let the KL ` +
        'divergence warm up, or give it free bits',
    ];
  }
}
