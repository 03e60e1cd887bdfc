import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { CouplingConditioner, type CouplingOptions } from './couplingConditioner.js';
import { boundedLogScale, checkLogScaleBound } from './logScale.js';

export interface AffineCouplingOptions extends CouplingOptions {
  /** Greatest absolute log-scale of one layer. Default 2: a layer stretches by e^±2 at most. */
  readonly logScaleBound?: number;
}

/**
 * Affine coupling (Dinh, Sohl-Dickstein and Bengio 2017, equations 7 and 8):
 * y_identity = x_identity, y_transformed = x_transformed · exp(s) + t, where
 * s = bound · tanh(r / bound) and (r, t) is an MLP of [x_identity, context]. The soft bound keeps
 * deep stacks from overflowing. The MLP's last layer starts at zero, the coupling as the identity.
 *
 * s and t are 0 on the identity's columns, where x · exp(0) + 0 is x to the bit.
 */
export class AffineCoupling implements Bijection {
  readonly kind = 'affineCoupling';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters;
  readonly #options: Required<AffineCouplingOptions>;
  readonly #conditioner: CouplingConditioner;

  /** @throws PushforwardError `usage` when the two lists do not hold every dimension once. */
  constructor({ contextDim = 0, logScaleBound = 2, ...options }: AffineCouplingOptions) {
    this.#options = { ...options, contextDim, logScaleBound };
    this.#conditioner = new CouplingConditioner(this.#options, 2);
    checkLogScaleBound(logScaleBound);
    this.dim = options.dim;
    this.contextDim = contextDim;
    this.parameters = this.#conditioner.parameters;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { logScale, shift } = this.#condition(x, parameters, context);
      return { y: tf.add(tf.mul(x, tf.exp(logScale)), shift) as Tensor2D, logDet: tf.sum(logScale, 1) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { logScale, shift } = this.#condition(y, parameters, context);
      const opposite = tf.neg(logScale);
      return { x: tf.mul(tf.sub(y, shift), tf.exp(opposite)) as Tensor2D, logDet: tf.sum(opposite, 1) };
    });
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    const { identity, transformed, hidden, activation, logScaleBound } = this.#options;
    return { kind: this.kind, identity, transformed, hidden, activation, logScaleBound, parameters: slices };
  }

  /** s as [n, dim] and t as [n, dim] or [1, dim], zero on the identity's columns. */
  #condition(
    x: Tensor2D,
    parameters: readonly Tensor[],
    context: Tensor2D | undefined,
  ): { logScale: Tensor2D; shift: Tensor2D } {
    const [raw, shift] = this.#conditioner.apply(x, parameters, context) as [Tensor2D, Tensor2D];
    const bounded = boundedLogScale(raw, this.#options.logScaleBound);
    if (this.#options.identity.length + this.contextDim > 0) return { logScale: bounded, shift };
    // No input: the network gave one row for all, which becomes as many as x has.
    return { logScale: tf.add(tf.zeros<tf.Rank.R2>(x.shape), bounded), shift };
  }
}
