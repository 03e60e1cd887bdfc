/** Parameters as one flat array, in whatever place the model keeps them. */
export interface ParameterStore {
  readonly count: number;
  /** A copy of the values. */
  values(): Float32Array;
  assign(values: Float32Array): void;
}

/** Figures of a validation beside the loss, by name: a number, or one for each of something. */
export type Measures = Readonly<Record<string, number | readonly number[]>>;

/**
 * A model, or a factor of one, that is fitted by maximum likelihood. Factors with parameters of their
 * own are fitted side by side, each with its own optimizer state and its own best epoch.
 */
export interface Trainable {
  readonly name: string;
  readonly parameters: ParameterStore;
  /** Draws all that is random about an epoch (dequantisation, say) from the number `epoch` alone. */
  startEpoch(epoch: number): void;
  /** Told training rows that will soon be asked for, in their order, to fetch them meanwhile. */
  prefetch?(rows: Int32Array): void;
  /** Mean negative log-likelihood, nats, of these training rows; its gradient goes to `gradient`. */
  valueAndGradient(rows: Int32Array, gradient: Float32Array): number;
  /** Mean negative log-likelihood of the validation rows, nats. */
  validationLoss(): number;
  /** What else the last validation showed, for the record of its epoch. */
  measures?(): Measures;
  /** The layer in which a number stops being finite for these training rows, in words. */
  locateNonFinite(rows: Int32Array): string;
}
