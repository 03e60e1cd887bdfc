import type { Tensor, Tensor1D, Tensor2D, Variable } from './tf.js';

/** What an estimate of a density that is an integral over latents is made with. */
export interface EstimateOptions {
  /** Draws of the latent for each row. */
  readonly samples?: number;
  /** Of the draws. Default 0. */
  readonly seed?: number;
  /** Conditions, [n, c], for a model that takes context. */
  readonly context?: Tensor2D;
}

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

/** A model whose density is an integral over latents that is bounded and estimated: variational autoencoders. */
export interface ApproximateModel<Batch = Tensor> extends GenerativeModel<Batch> {
  /** A lower bound of the natural log-density of each row, [n], and what it is made of; in nats. */
  elbo(batch: Batch, options?: EstimateOptions): { readonly elbo: Tensor1D };
  /** An estimate of the natural log-density of each row, [n], in nats, a function of its options' seed. */
  logProb(batch: Batch, options?: EstimateOptions): Tensor1D;
}

/** A model with codes: the latent of a row, and the row of a latent. */
export interface CodedModel<Batch = Tensor> extends GenerativeModel<Batch> {
  /** The code of each row, [n, latentDim]. */
  encode(batch: Batch, context?: Tensor2D): Tensor2D;
  /** The row that a code stands for, [n, ...]. */
  decode(z: Tensor2D, context?: Tensor2D): Tensor;
}
