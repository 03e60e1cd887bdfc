import type { ColumnTransforms } from '../../data/transforms.js';
import { Gan } from '../../gan/gan.js';
import { type Tensor2D, tf } from '../../tf.js';
import { RowFeatures } from '../features.js';
import type { SavedWeights, TableBatch, TableCritic, TableModel } from '../model.js';
import type { GanArchitecture, GanTableArchitecture } from './architecture.js';
import { tableGanNetworks } from './networks.js';

/** Weight of the gradient penalty: its authors' choice. */
const GRADIENT_PENALTY = 10;

/**
 * A generative adversarial network of a table's rows, by their `RowFeatures`: the networks of `tableGanNetworks`, a
 * Wasserstein loss with a gradient penalty, and packs. It has neither densities nor codes.
 */
export class GanTable implements TableModel {
  readonly architecture: GanTableArchitecture;
  readonly features: RowFeatures;
  readonly gan: Gan;
  readonly density = null;
  readonly coder = null;

  /** `transforms` belongs to the numbers and is null when there are none. */
  constructor(architecture: GanTableArchitecture, transforms: ColumnTransforms | null) {
    const { gan, seed } = architecture;
    this.architecture = architecture;
    this.features = new RowFeatures(architecture, transforms);
    this.gan = new Gan({
      ...tableGanNetworks(this.features, gan, seed),
      shape: [this.features.width],
      latentDim: gan.latent + (this.features.blocks?.width ?? 0),
      objective: { loss: 'wasserstein', gradientPenalty: GRADIENT_PENALTY, pac: gan.pac },
      seed,
    });
  }

  get chosen(): GanArchitecture {
    return this.architecture.gan;
  }

  get transforms(): ColumnTransforms | null {
    return this.features.transforms;
  }

  get latentDim(): number {
    return this.gan.latentDim;
  }

  get weights(): ReadonlyMap<string, SavedWeights> {
    return new Map([...this.gan.weights].map(([name, variable]) => [name, { variable }]));
  }

  get critic(): TableCritic {
    return {
      pac: this.chosen.pac,
      width: this.features.width,
      features: (batch) => tf.tidy(() => this.features.of(batch).features),
      judge: (packs) => this.gan.judgePacks(packs) as Tensor2D,
    };
  }

  push(z: Tensor2D): TableBatch {
    return tf.tidy(() => {
      const { y, oneHot } = this.features.split(this.gan.generate(z) as Tensor2D);
      return this.features.batch(oneHot && this.features.likeliest(oneHot), y, z.shape[0]);
    });
  }
}
