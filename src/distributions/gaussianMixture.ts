import { PushforwardError } from '../errors.js';
import { scaledNormal, zeros } from '../nn/mlp.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { type BaseDistribution, type BaseDrawOptions, sampleFromNormal } from './base.js';
import { standardNormalCdf } from './standardNormal.js';

export interface GaussianMixtureOptions {
  readonly dim: number;
  /** How many Gaussians, K; at least 1. */
  readonly components: number;
}

/**
 * Σ_k w_k N(mean_k, diag(e^{2·logScale_k})), w = softmax(logits), all trained: a latent with several
 * modes, which a continuous map of one mode cannot make (Izmailov et al. 2020; Stimper, Schölkopf and
 * Hernández-Lobato 2022). It starts with equal weights, unit scales and means drawn from N(0, I).
 * Parameters logits [K], means [K, d], logScales [K, d].
 *
 * A draw is a map of d + 1 standard normals, of which the last chooses the component by its CDF; so
 * draws are differentiable w.r.t. means and scales, and constant w.r.t. the logits. A draw's centre is
 * the mean of its component: temperature 0 gives means, each as often as its weight says.
 */
export class GaussianMixture implements BaseDistribution {
  readonly kind = 'gaussianMixture';
  readonly contextDim = 0;
  readonly dim: number;
  readonly components: number;
  readonly noiseDim: number;
  readonly parameters: readonly ParameterDefinition[];

  /** @throws PushforwardError `usage` for fewer than one component. */
  constructor({ dim, components }: GaussianMixtureOptions) {
    if (!Number.isSafeInteger(components) || components < 1) {
      throw new PushforwardError('usage', `a mixture of ${components} components`, {
        mend: 'give a whole number from 1',
      });
    }
    this.dim = dim;
    this.components = components;
    this.noiseDim = dim + 1;
    this.parameters = [
      { name: 'logits', shape: [components], initialise: zeros },
      { name: 'means', shape: [components, dim], initialise: scaledNormal(1) },
      { name: 'logScales', shape: [components, dim], initialise: zeros },
    ];
  }

  /**
   * The squares (z − mean_k)² / scale_k² are multiplied out, so that all of them are one matrix product
   * [n, 2d] · [2d, K] and nothing of n·K·d numbers is made. What cancels in that is kept small by
   * measuring z from the middle of the means; in float32 some 1e-7 · (|z − middle| / scale)² is left.
   */
  logProb(z: Tensor2D, parameters: readonly Tensor[]): Tensor1D {
    const [logits, means, logScales] = parameters as [Tensor1D, Tensor2D, Tensor2D];
    return tf.tidy(() => {
      const middle = tf.mean(means, 0);
      const x: Tensor2D = tf.sub(z, middle);
      const m: Tensor2D = tf.sub(means, middle);
      const precisions: Tensor2D = tf.exp(tf.mul<Tensor2D>(logScales, -2));
      const scaled: Tensor2D = tf.mul(precisions, m);
      const products: Tensor2D = tf.matMul(
        tf.concat([tf.square(x), x], 1),
        tf.concat([tf.mul(precisions, -0.5), scaled], 1),
        false,
        true,
      );
      const normalisers: Tensor1D = tf.sum(tf.add(tf.mul(tf.mul(scaled, m), 0.5), logScales), 1);
      const weights: Tensor1D = tf.sub(logits, tf.logSumExp(logits));
      const constants = tf.sub(tf.sub(weights, normalisers), 0.5 * this.dim * Math.log(2 * Math.PI));
      return tf.logSumExp(tf.add(products, constants), 1);
    });
  }

  sample(n: number, options: BaseDrawOptions): Tensor2D {
    return sampleFromNormal(this, n, options);
  }

  fromNormal(noise: Tensor2D, parameters: readonly Tensor[], _context?: Tensor2D, temperature = 1): Tensor2D {
    const [logits, means, logScales] = parameters as [Tensor1D, Tensor2D, Tensor2D];
    return tf.tidy(() => {
      const [own, choice] = tf.split(noise, [this.dim, 1], 1) as [Tensor2D, Tensor2D];
      const chosen = this.#choose(standardNormalCdf(choice), logits);
      const deviations = tf.mul(tf.mul(own, temperature), tf.matMul(chosen, tf.exp(logScales)));
      return tf.add(deviations, tf.matMul(chosen, means));
    });
  }

  /**
   * The component whose stretch of the CDF holds u [n, 1], one-hot [n, K]. With tf.step, whose gradient
   * is zero, where a comparison would have none.
   */
  #choose(u: Tensor2D, logits: Tensor1D): Tensor2D {
    const k = this.components;
    const square = (value: (i: number, j: number) => number) =>
      tf.tensor2d(
        Float32Array.from({ length: k * k }, (_, at) => value(Math.floor(at / k), at % k)),
        [k, k],
      );
    const weights = tf.reshape(tf.softmax(logits), [1, k]) as Tensor2D;
    const starts = tf.matMul(
      weights,
      square((i, j) => (i < j ? 1 : 0)),
    );
    // Component 0 is reached by every u, also by one that was rounded to 0.
    const always = tf.tensor1d(Float32Array.from({ length: k }, (_, j) => (j === 0 ? 1 : 0)));
    const reached: Tensor2D = tf.step(tf.sub<Tensor2D>(tf.add(u, always), starts));
    const last = square((i, j) => (i === j ? 1 : i === j + 1 ? -1 : 0));
    return tf.matMul(reached, last);
  }
}
