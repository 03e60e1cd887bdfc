import type { Tensor, Tensor1D, Tensor2D } from '../tf.js';
import type { Bijection, LayerSpec, ParameterDefinition, ParameterSlice } from './bijection.js';

/** A bijection taken the other way, from latent to data: its forward is the inverse of `generator`. */
export abstract class InverseMap implements Bijection {
  readonly kind: LayerSpec['kind'];
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters: readonly ParameterDefinition[];
  readonly #generator: Bijection;

  protected constructor(kind: LayerSpec['kind'], generator: Bijection) {
    this.kind = kind;
    this.#generator = generator;
    this.dim = generator.dim;
    this.contextDim = generator.contextDim;
    this.parameters = generator.parameters;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    const { x: y, logDet } = this.#generator.inverse(x, parameters, context);
    return { y, logDet };
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    const { y: x, logDet } = this.#generator.forward(y, parameters, context);
    return { x, logDet };
  }

  /** The generator's, under the kind that the plan knows its inverse by. */
  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { ...this.#generator.spec(slices), kind: this.kind } as LayerSpec;
  }
}
