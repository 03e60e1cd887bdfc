import type { Tensor, Tensor1D, Tensor2D, Variable } from './tf.js';

export interface SampleOptions {
  /** Seed of the draw; the same seed gives the same rows. */
  readonly seed?: number;
  /** Conditions, [n, c], for a model that takes context. */
  readonly context?: Tensor2D;
  /** Factor on the standard deviation of the latent draw. Default 1. */
  readonly temperature?: number;
}

/** A generator g with g#p_Z close to p_X, whatever it is that makes it so. */
export interface GenerativeModel<Batch = Tensor2D> {
  readonly kind: string;
  readonly variables: readonly Variable[];
  /** Draws n samples, [n, ...]. */
  sample(n: number, options?: SampleOptions): Tensor;
  /** Named scalar losses of one batch, in nats where they are likelihoods. */
  losses(batch: Batch): Record<string, Tensor>;
}

/** A model whose density is computed exactly: flows and autoregressive networks. */
export interface TractableModel<Batch = Tensor2D> extends GenerativeModel<Batch> {
  /** Natural log-density of each row, [n], in nats. */
  logProb(batch: Batch): Tensor1D;
}
