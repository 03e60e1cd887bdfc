import { firstPlaces } from '../../data/rowSource.js';
import type { EncodedRows } from '../../data/types.js';
import type { Measures, ParameterStore, Trainable } from '../../trainable.js';
import { VaeFactor } from '../../vae/vaeFactor.js';
import { repeatRows } from '../dequantise.js';
import { FeatureRows } from '../features.js';
import type { VaeTable } from './vaeTable.js';

/** Noisy copies of each validation row, so that early stopping follows the fit and not the noise. */
const VALIDATION_COPIES = 4;

/** A table's VAE as `fit` wants it: minus its evidence lower bound, in the units of the table. */
export class RowFactor implements Trainable {
  readonly name = 'rows';
  readonly parameters: ParameterStore;
  readonly #factor: VaeFactor;
  readonly #training: FeatureRows;
  readonly #validation: FeatureRows;

  constructor({ vae, features, architecture }: VaeTable, training: EncodedRows, validation: EncodedRows) {
    const { seed } = architecture;
    this.#training = new FeatureRows(features, training, seed, 'dequantise');
    const copies = repeatRows(validation, VALIDATION_COPIES);
    this.#validation = new FeatureRows(features, copies, seed, 'dequantise validation');
    this.#factor = new VaeFactor(vae, {
      training: { x: this.#training },
      validation: { x: this.#validation },
      seed,
    });
    this.parameters = this.#factor.parameters;
  }

  startEpoch(epoch: number): void {
    this.#factor.startEpoch(epoch);
  }

  valueAndGradient(rows: Int32Array, gradient: Float32Array): number {
    return this.#factor.valueAndGradient(rows, gradient) - this.#training.meanLogDet(rows);
  }

  validationLoss(): number {
    const logDet = this.#validation.meanLogDet(firstPlaces(this.#validation.rows));
    return this.#factor.validationLoss() - logDet;
  }

  /** See `VaeFactor`; the reconstruction is of the transformed numbers. */
  measures(): Measures {
    return this.#factor.measures();
  }

  locateNonFinite(rows: Int32Array): string {
    return this.#factor.locateNonFinite(rows);
  }
}
