import type { Tensor, Tensor1D, Tensor2D } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { MaskedAutoregressive, type MaskedAutoregressiveOptions } from './maskedAutoregressive.js';

/**
 * Inverse autoregressive map (IAF; Kingma et al. 2016, section 3): a MaskedAutoregressive taken from
 * latent to data. So x_i = z_i · exp(s_i) + t_i with s and t of the context and the dimensions of the
 * latent z before i: a sample is one pass of the network, a density of given data as many steps as
 * there are dimensions.
 */
export class InverseAutoregressive implements Bijection {
  readonly kind = 'inverseAutoregressive';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters;
  readonly #generator: MaskedAutoregressive;

  /** @throws PushforwardError `usage` when `order` does not hold every dimension once. */
  constructor(options: MaskedAutoregressiveOptions) {
    this.#generator = new MaskedAutoregressive(options);
    this.dim = this.#generator.dim;
    this.contextDim = this.#generator.contextDim;
    this.parameters = this.#generator.parameters;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    const { x: y, logDet } = this.#generator.inverse(x, parameters, context);
    return { y, logDet };
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    const { y: x, logDet } = this.#generator.forward(y, parameters, context);
    return { x, logDet };
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { ...this.#generator.spec(slices), kind: this.kind };
  }
}
