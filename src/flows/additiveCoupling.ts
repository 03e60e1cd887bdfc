import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { AffineCouplingOptions } from './affineCoupling.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { checkParts, Selection } from './columns.js';
import { Conditioner, networkOf } from './conditioner.js';
import { sameForRows } from './rows.js';

/** What an affine coupling takes, but for what concerns a scale. */
export type AdditiveCouplingOptions = Omit<AffineCouplingOptions, 'logScaleBound' | 'networks'>;

/**
 * Additive coupling (NICE; Dinh, Krueger and Bengio 2015, section 3.2): y_identity = x_identity,
 * y_transformed = x_transformed + t, with t a network of [x_identity, context]. It keeps volumes: its
 * log-determinant is 0. The network's last layer starts at zero, the coupling as the identity.
 */
export class AdditiveCoupling implements Bijection {
  readonly kind = 'additiveCoupling';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters;
  readonly #parts: Pick<AdditiveCouplingOptions, 'identity' | 'transformed'>;
  readonly #conditioner: Conditioner;
  /** The network's output [n, t] to its place in [n, dim], zero on the identity's columns. */
  readonly #place: Selection;

  /**
   * @throws PushforwardError `usage` when the two lists do not hold every dimension once, or the
   * network's options do not go together.
   */
  constructor(options: AdditiveCouplingOptions) {
    const { dim, contextDim = 0, identity, transformed } = options;
    checkParts(dim, identity, transformed);
    this.#parts = { identity, transformed };
    this.dim = dim;
    this.contextDim = contextDim;
    this.#conditioner = new Conditioner({
      ...networkOf(options),
      dim,
      contextDim,
      identity,
      outputs: transformed.length,
    });
    this.parameters = this.#conditioner.parameters;
    this.#place = new Selection(
      transformed.length,
      dim,
      transformed.map((column, k) => [k, column]),
    );
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const shift = this.#place.apply(this.#conditioner.apply(x, parameters, context));
      return { y: tf.add(x, shift) as Tensor2D, logDet: sameForRows(x, tf.scalar(0)) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const shift = this.#place.apply(this.#conditioner.apply(y, parameters, context));
      return { x: tf.sub(y, shift) as Tensor2D, logDet: sameForRows(y, tf.scalar(0)) };
    });
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: this.kind, ...this.#parts, ...this.#conditioner.spec, parameters: slices };
  }
}
