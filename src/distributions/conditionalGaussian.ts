import type { Activation } from '../native/spec.js';
import { boundedLogScale, checkLogScaleBound } from '../nn/logScale.js';
import { type Mlp, mlp } from '../nn/mlp.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { type BaseDistribution, type BaseDrawOptions, sampleFromNormal } from './base.js';
import { checkContext } from './context.js';
import { scaledDraw, scaledLogProb } from './locationScale.js';
import { StandardNormal } from './standardNormal.js';

export interface ConditionalGaussianOptions {
  readonly dim: number;
  /** Width of the context, at least 1. */
  readonly contextDim: number;
  /** Widths of the network's hidden layers. Default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Default silu. */
  readonly activation?: Activation;
  /** Greatest absolute log-scale. Default 5. */
  readonly logScaleBound?: number;
}

/**
 * N(mean(c), diag(e^{2·logScale(c)})), whose means and log-scales are the two halves, in this order,
 * of what a perceptron makes of the context c; log-scales are softly bounded. It starts as N(0, I)
 * for every context. Parameters weight0 [contextDim, h], bias0 [h], weight1, bias1, … Its centre is
 * the mean that belongs to the context.
 */
export class ConditionalGaussian implements BaseDistribution {
  readonly kind = 'conditionalGaussian';
  readonly dim: number;
  readonly contextDim: number;
  readonly noiseDim: number;
  readonly parameters: readonly ParameterDefinition[];
  readonly #logScaleBound: number;
  readonly #network: Mlp;
  readonly #standard: StandardNormal;

  /** @throws PushforwardError `usage` for a bound that is not above zero. */
  constructor({
    dim,
    contextDim,
    hidden = [64, 64],
    activation = 'silu',
    logScaleBound = 5,
  }: ConditionalGaussianOptions) {
    checkLogScaleBound(logScaleBound);
    this.dim = dim;
    this.contextDim = contextDim;
    this.noiseDim = dim;
    this.#logScaleBound = logScaleBound;
    this.#network = mlp({ inputs: contextDim, hidden, outputs: 2 * dim, activation });
    this.parameters = this.#network.parameters;
    this.#standard = new StandardNormal(dim);
  }

  logProb(z: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): Tensor1D {
    return tf.tidy(() => {
      const { mean, logScale } = this.#moments(z.shape[0], parameters, context);
      return scaledLogProb(z, mean, logScale, (u) => this.#standard.logProb(u));
    });
  }

  sample(n: number, options: BaseDrawOptions): Tensor2D {
    return sampleFromNormal(this, n, options);
  }

  fromNormal(noise: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D, temperature = 1): Tensor2D {
    return tf.tidy(() => {
      const { mean, logScale } = this.#moments(noise.shape[0], parameters, context);
      return scaledDraw(noise, mean, logScale, temperature);
    });
  }

  #moments(
    rows: number,
    parameters: readonly Tensor[],
    context: Tensor2D | undefined,
  ): { mean: Tensor; logScale: Tensor } {
    checkContext(context, rows, this.contextDim);
    const outputs = this.#network.apply(context, parameters);
    const [mean, raw] = tf.split(outputs, 2, 1) as [Tensor2D, Tensor2D];
    return { mean, logScale: boundedLogScale(raw, this.#logScaleBound) };
  }
}
