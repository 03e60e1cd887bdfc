import type { BaseDistribution } from '../distributions/base.js';
import { StandardNormal } from '../distributions/standardNormal.js';
import type { Flow } from '../flows/flow.js';
import type { SampleOptions } from '../model.js';
import { FlatParameters } from '../ops/flatParameters.js';
import type { Tensor1D, Tensor2D, Variable } from '../tf.js';

/** The law p(z) of the latent [n, dim], or p(z | context), with the values of its parameters. */
export interface Prior {
  readonly kind: string;
  readonly dim: number;
  /** Width of the context that it is given; 0 for a prior that goes by none. */
  readonly contextDim: number;
  /** All that a saved prior keeps, by name. */
  readonly weights: Readonly<Record<string, Variable>>;
  /** Whether they are trained with the rest of the model. */
  readonly trained: boolean;
  /** Whether it is N(0, I), which a Gaussian posterior has a closed-form KL divergence from. */
  readonly isStandardNormal: boolean;
  /** Standard normals that `fromNormal` makes one row of; null where draws are no map of normals. */
  readonly noiseDim: number | null;
  /** log p(z) [n] in nats, differentiable. */
  logProb(z: Tensor2D, context?: Tensor2D): Tensor1D;
  /** n draws [n, dim]; see `SampleOptions`. */
  sample(n: number, options?: SampleOptions): Tensor2D;
  /** The law as a map of noise [n, noiseDim] ~ N(0, I), traceable. */
  fromNormal(noise: Tensor2D, context?: Tensor2D): Tensor2D;
  dispose(): void;
}

/**
 * A base law as a prior, its parameters trained with the rest: N(0, I), a mixture of Gaussians (the prior of
 * Dilokthanakul et al. 2016, its components learned), a Gaussian given the context. The default is N(0, I).
 */
export class BasePrior implements Prior {
  readonly kind: string;
  readonly dim: number;
  readonly contextDim: number;
  readonly noiseDim: number | null;
  readonly isStandardNormal: boolean;
  readonly trained = true;
  readonly law: BaseDistribution;
  readonly #parameters: FlatParameters;

  /** @param seed of the first values of the law's parameters. */
  constructor(law: BaseDistribution, seed = 0) {
    this.law = law;
    this.kind = law.kind;
    this.dim = law.dim;
    this.contextDim = law.contextDim;
    this.noiseDim = law.noiseDim;
    this.isStandardNormal = law instanceof StandardNormal;
    this.#parameters = new FlatParameters(law.parameters, seed);
  }

  get weights(): Readonly<Record<string, Variable>> {
    return this.#parameters.count === 0 ? {} : { parameters: this.#parameters.variable };
  }

  logProb(z: Tensor2D, context?: Tensor2D): Tensor1D {
    return this.law.logProb(z, this.#parameters.slices(), this.#own(context));
  }

  sample(n: number, { context, ...options }: SampleOptions = {}): Tensor2D {
    return this.law.sample(n, {
      ...options,
      parameters: this.#parameters.slices(),
      context: this.#own(context),
    });
  }

  fromNormal(noise: Tensor2D, context?: Tensor2D): Tensor2D {
    return this.law.fromNormal(noise, this.#parameters.slices(), this.#own(context));
  }

  dispose(): void {
    this.#parameters.dispose();
  }

  /** The context, for a law that takes one. */
  #own(context: Tensor2D | undefined): Tensor2D | undefined {
    return this.contextDim > 0 ? context : undefined;
  }
}

export interface FlowPriorOptions {
  /** Whether the flow's weights are trained with the rest of the model, or stay. Default true. */
  readonly trained?: boolean;
}

/** A flow as a prior: one that was fitted to codes, or one that is trained with the rest (Chen et al. 2017). */
export class FlowPrior implements Prior {
  readonly kind = 'flow';
  readonly dim: number;
  readonly contextDim: number;
  readonly noiseDim: number | null;
  readonly isStandardNormal = false;
  readonly trained: boolean;
  readonly flow: Flow;

  constructor(flow: Flow, { trained = true }: FlowPriorOptions = {}) {
    this.flow = flow;
    this.dim = flow.dim;
    this.contextDim = flow.contextDim;
    this.noiseDim = flow.base.noiseDim;
    this.trained = trained;
  }

  get weights(): Readonly<Record<string, Variable>> {
    return { flow: this.flow.parameters.variable };
  }

  logProb(z: Tensor2D, context?: Tensor2D): Tensor1D {
    return this.flow.logProb(z, this.#own(context));
  }

  sample(n: number, options: SampleOptions = {}): Tensor2D {
    const { context, ...rest } = options;
    const own = this.#own(context);
    return this.flow.sample(n, own === undefined ? rest : { ...rest, context: own });
  }

  fromNormal(noise: Tensor2D, context?: Tensor2D): Tensor2D {
    const { base, definition } = this.flow;
    const own = this.#own(context);
    return this.flow.inverse(base.fromNormal(noise, definition.baseParameters(), own), own).x;
  }

  dispose(): void {
    this.flow.dispose();
  }

  #own(context: Tensor2D | undefined): Tensor2D | undefined {
    return this.contextDim > 0 ? context : undefined;
  }
}
