import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { CouplingConditioner, type CouplingOptions } from './couplingConditioner.js';
import { sameForRows } from './rows.js';

export type AdditiveCouplingOptions = CouplingOptions;

/**
 * Additive coupling (NICE; Dinh, Krueger and Bengio 2015, section 3.2): y_identity = x_identity,
 * y_transformed = x_transformed + t, with t an MLP of [x_identity, context]. It keeps volumes: its
 * log-determinant is 0. The MLP's last layer starts at zero, the coupling as the identity.
 */
export class AdditiveCoupling implements Bijection {
  readonly kind = 'additiveCoupling';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters;
  readonly #options: AdditiveCouplingOptions;
  readonly #conditioner: CouplingConditioner;

  /** @throws PushforwardError `usage` when the two lists do not hold every dimension once. */
  constructor(options: AdditiveCouplingOptions) {
    this.#options = options;
    this.#conditioner = new CouplingConditioner(options, 1);
    this.dim = options.dim;
    this.contextDim = options.contextDim ?? 0;
    this.parameters = this.#conditioner.parameters;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const [shift] = this.#conditioner.apply(x, parameters, context) as [Tensor2D];
      return { y: tf.add(x, shift) as Tensor2D, logDet: sameForRows(x, tf.scalar(0)) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const [shift] = this.#conditioner.apply(y, parameters, context) as [Tensor2D];
      return { x: tf.sub(y, shift) as Tensor2D, logDet: sameForRows(y, tf.scalar(0)) };
    });
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    const { identity, transformed, hidden, activation } = this.#options;
    return { kind: this.kind, identity, transformed, hidden, activation, parameters: slices };
  }
}
