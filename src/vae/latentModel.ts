import { checkOptionalContext } from '../distributions/context.js';
import type { Likelihood } from '../distributions/likelihoods/likelihood.js';
import { StandardNormal } from '../distributions/standardNormal.js';
import { PushforwardError } from '../errors.js';
import type { Flow } from '../flows/flow.js';
import { rowsAtOnce } from '../nn/blocks.js';
import { LayersNetwork } from '../nn/layersNetwork.js';
import { FlatParameters } from '../ops/flatParameters.js';
import { type layers, type Tensor, type Tensor1D, type Tensor2D, tf, type Variable } from '../tf.js';
import { type Moments, Posterior, repeatMoments, repeatRows } from './posterior.js';
import { BasePrior, type Prior } from './prior.js';

export interface LatentModelOptions {
  /** Shape of one row of the data, [height, width, channels] or [columns], say. */
  readonly shape: readonly number[];
  readonly latentDim: number;
  /** Width of the context that encoder and decoder take as their second input; 0, the default, is none. */
  readonly contextDim?: number;
  /**
   * Rows to [n, 2·latentDim] means and log-variances, or to two outputs that are these; and, with a flow on
   * top, its context after them.
   */
  readonly encoder: layers.LayersModel;
  /** z [n, latentDim] to the outputs that the likelihood wants. */
  readonly decoder: layers.LayersModel;
  readonly likelihood: Likelihood;
  /** Default N(0, I). */
  readonly prior?: Prior;
  /** A flow on top of the Gaussian posterior; see `Posterior`. Default none. */
  readonly posteriorFlow?: Flow;
}

/** log p(x | z), log p(z) and log q(z | x) of draws from the posterior, each [n·samples], in nats. */
export type Terms = {
  readonly moments: Moments;
  readonly reconstruction: Tensor1D;
  readonly logPrior: Tensor1D;
  readonly logPosterior: Tensor1D;
};

/** p(x | z) p(z) and q(z | x) as functions of tensors: what bounds, estimates and draws are made of. */
export class LatentModel {
  readonly shape: readonly number[];
  readonly latentDim: number;
  readonly contextDim: number;
  readonly encoder: LayersNetwork;
  readonly decoder: LayersNetwork;
  readonly likelihood: Likelihood;
  readonly prior: Prior;
  readonly posterior: Posterior;
  /** Those of the likelihood. */
  readonly parameters: FlatParameters;
  /** Rows, each with one z, that fit into memory together with all activations of both networks. */
  readonly rowsAtOnce: number;

  /** @throws PushforwardError `shape` or `usage` when the parts do not fit each other. */
  constructor({
    shape,
    latentDim,
    contextDim = 0,
    encoder,
    decoder,
    likelihood,
    prior = new BasePrior(new StandardNormal(latentDim)),
    posteriorFlow,
  }: LatentModelOptions) {
    const wrong = (what: string, mend: string) => new PushforwardError('usage', what, { mend });
    if (prior.dim !== latentDim) {
      throw wrong(`a prior of ${prior.dim} dimensions for ${latentDim} latents`, 'give both the same number');
    }
    if (prior.contextDim > 0 && prior.contextDim !== contextDim) {
      throw wrong(
        `a prior that is given a context of ${prior.contextDim} numbers, in a model with one of ${contextDim}`,
        'give both the same number, or the prior none',
      );
    }
    if (prior.kind === 'vampPrior' && posteriorFlow !== undefined) {
      throw wrong(
        'a VampPrior with a flow on top of the posterior, which would be no mixture of the posteriors',
        'leave out one of them, or take a flow as prior',
      );
    }
    this.shape = shape;
    this.latentDim = latentDim;
    this.contextDim = contextDim;
    this.likelihood = likelihood;
    this.prior = prior;
    this.posterior = new Posterior(latentDim, posteriorFlow ?? null);
    this.encoder = new LayersNetwork(encoder);
    this.decoder = new LayersNetwork(decoder);
    const context = contextDim > 0 ? [[contextDim]] : [];
    this.encoder.check('the encoder', [shape, ...context], [this.posterior.outputs]);
    this.decoder.check('the decoder', [[latentDim], ...context], likelihood.outputShape(shape));
    this.parameters = new FlatParameters(likelihood.parameters, 0);
    this.rowsAtOnce = rowsAtOnce(this.encoder, this.decoder);
  }

  /** What is trained, by name; see `weights` for what is saved. */
  get variables(): Variable[] {
    const prior = this.prior.trained ? Object.values(this.prior.weights) : [];
    return [...this.encoder.variables, ...this.decoder.variables, ...prior, ...this.#others().values()];
  }

  /** All that a saved model keeps, by name: running statistics of batch normalisation too. */
  get weights(): Map<string, Variable> {
    const networks = { encoder: this.encoder, decoder: this.decoder };
    return new Map([
      ...Object.entries(networks).flatMap(([role, { weights }]) =>
        weights.map((weight, i) => [`${role}/${i}`, weight] as const),
      ),
      ...Object.entries(this.prior.weights).map(([name, weight]) => [`prior/${name}`, weight] as const),
      ...this.#others(),
    ]);
  }

  /** What the encoder says of rows x. */
  moments(x: Tensor, context?: Tensor2D, training = false): Moments {
    return this.posterior.moments(this.encoder.apply(x, context, training) as Tensor2D);
  }

  /** What the decoder says of z. */
  outputs(z: Tensor2D, context?: Tensor2D, training = false): Tensor {
    return this.decoder.apply(z, context, training);
  }

  /** E[x | z], [n, ...shape]. */
  mean(z: Tensor2D, context?: Tensor2D): Tensor {
    return tf.tidy(() => this.likelihood.mean(this.outputs(z, context), this.parameters.slices()));
  }

  /** log p(x | z) [n], in nats. */
  logLikelihood(x: Tensor, z: Tensor2D, context?: Tensor2D, training = false): Tensor1D {
    return tf.tidy(() =>
      this.likelihood.logProb(x, this.outputs(z, context, training), this.parameters.slices()),
    );
  }

  /**
   * The terms of the bounds for `samples` draws of z for each row, made of noise [n·samples, latentDim]: of
   * the first row, then of the second, …
   */
  terms(x: Tensor, noise: Tensor2D, context?: Tensor2D, training = false): Terms {
    const samples = noise.shape[0] / x.shape[0];
    return tf.tidy(() => {
      const moments = this.moments(x, context, training);
      const { z, logProb } = this.posterior.draw(repeatMoments(moments, samples), noise);
      const own = context === undefined ? undefined : repeatRows(context, samples);
      return {
        moments,
        reconstruction: this.logLikelihood(repeatRows(x, samples), z, own, training),
        logPrior: this.prior.logProb(z, own),
        logPosterior: logProb,
      };
    });
  }

  /** @throws PushforwardError `shape` for rows or a context of other shapes. */
  check(x: Tensor, context: Tensor2D | undefined): void {
    const [n, ...shape] = x.shape;
    if (shape.join() !== this.shape.join()) {
      throw new PushforwardError('shape', `rows are [${x.shape}]`, {
        mend: `give float32 [rows, ${this.shape.join(', ')}]`,
      });
    }
    this.checkContext(n as number, context);
  }

  /** @throws PushforwardError `shape` for a context that does not go with n rows. */
  checkContext(n: number, context: Tensor2D | undefined): void {
    checkOptionalContext(context, n, this.contextDim);
  }

  dispose(): void {
    this.encoder.dispose();
    this.decoder.dispose();
    this.prior.dispose();
    this.posterior.flow?.dispose();
    this.parameters.dispose();
  }

  #others(): Map<string, Variable> {
    const { flow } = this.posterior;
    const others = new Map<string, Variable>();
    if (flow !== null) others.set('posterior', flow.parameters.variable);
    if (this.parameters.count > 0) others.set('likelihood', this.parameters.variable);
    return others;
  }
}
