import { GaussianMixture } from '../distributions/gaussianMixture.js';
import { PushforwardError } from '../errors.js';
import type { SampleOptions } from '../model.js';
import { LayersNetwork } from '../nn/layersNetwork.js';
import { type layers, type Tensor, type Tensor1D, type Tensor2D, tf, type Variable } from '../tf.js';
import { Posterior } from './posterior.js';
import type { Prior } from './prior.js';

export interface VampPriorOptions {
  /** The encoder of the model that the prior is for, which goes on being trained through it too. */
  readonly encoder: layers.LayersModel;
  readonly latentDim: number;
  /** First values of the pseudo-inputs [components, ...shape]: rows of the data, best. They are copied. */
  readonly pseudoInputs: Tensor;
}

/**
 * The variational mixture of posteriors, p(z) = 1/K Σ_k q(z | u_k), whose pseudo-inputs u_k are trained
 * (Tomczak and Welling 2018): the form that the best prior has, the mean of the posteriors of all rows.
 * Where that paper bounds pseudo-inputs to [0, 1], they are free here.
 */
export class VampPrior implements Prior {
  readonly kind = 'vampPrior';
  readonly isStandardNormal = false;
  readonly trained = true;
  readonly contextDim = 0;
  readonly dim: number;
  readonly noiseDim: number;
  readonly pseudoInputs: Variable;
  readonly #encoder: LayersNetwork;
  readonly #posterior: Posterior;
  readonly #mixture: GaussianMixture;

  /** @throws PushforwardError `shape` for pseudo-inputs or codes that the encoder does not take or make. */
  constructor({ encoder, latentDim, pseudoInputs }: VampPriorOptions) {
    const [components = 0, ...shape] = pseudoInputs.shape;
    if (components < 1) throw new PushforwardError('shape', 'no pseudo-inputs for a VampPrior');
    this.dim = latentDim;
    this.#encoder = new LayersNetwork(encoder);
    this.#posterior = new Posterior(latentDim, null);
    this.#encoder.check('the encoder of a VampPrior', [shape], [this.#posterior.outputs]);
    this.#mixture = new GaussianMixture({ dim: latentDim, components });
    this.noiseDim = this.#mixture.noiseDim;
    this.pseudoInputs = tf.tidy(() => tf.variable(tf.clone(pseudoInputs)));
  }

  get weights(): Readonly<Record<string, Variable>> {
    return { pseudoInputs: this.pseudoInputs };
  }

  logProb(z: Tensor2D): Tensor1D {
    return tf.tidy(() => this.#mixture.logProb(z, this.#components()));
  }

  sample(n: number, { context: _, ...options }: SampleOptions = {}): Tensor2D {
    return tf.tidy(() => this.#mixture.sample(n, { ...options, parameters: this.#components() }));
  }

  fromNormal(noise: Tensor2D): Tensor2D {
    return tf.tidy(() => this.#mixture.fromNormal(noise, this.#components()));
  }

  dispose(): void {
    this.pseudoInputs.dispose();
  }

  /** Logits, means and log-scales of the mixture: equal weights, and what the encoder says of the pseudo-inputs. */
  #components(): Tensor[] {
    const outputs = this.#encoder.apply(this.pseudoInputs) as Tensor2D;
    const { mean, logVariance } = this.#posterior.moments(outputs);
    return [tf.zeros([this.#mixture.components]), mean, tf.mul(logVariance, 0.5)];
  }
}
