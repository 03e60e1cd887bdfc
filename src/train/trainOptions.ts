export interface TrainOptions {
  readonly seed: number;
  /** Training rows; batches are drawn from 0 to rows − 1. */
  readonly rows: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  /** Epochs without a better validation loss before a factor stops. */
  readonly patience: number;
}
