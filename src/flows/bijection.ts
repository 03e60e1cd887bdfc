import type { Activation, LayerSpec, ParameterSlice } from '../native/spec.js';
import type { Tensor, Tensor1D, Tensor2D } from '../tf.js';

export type { Activation, LayerSpec, ParameterSlice };

/** A parameter a bijection wants: its name, shape and first values. */
export interface ParameterDefinition {
  readonly name: string;
  readonly shape: readonly number[];
  /** Fills the row-major values; `normal` draws N(0, 1) from the model's seeded stream. */
  readonly initialise: (values: Float32Array, normal: (out: Float32Array) => void) => void;
}

/** An invertible map of R^d, given context, written in tfjs ops. It holds no state of its own. */
export interface Bijection {
  readonly kind: string;
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters: readonly ParameterDefinition[];
  /** Data to latent: y [n, d] and log|det dy/dx| [n], in nats. */
  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D };
  /** Latent to data: x [n, d] and log|det dx/dy| [n], in nats. */
  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D };
  /** What the native plan needs; `slices` are this bijection's parameters in the flow's flat array. */
  spec(slices: readonly ParameterSlice[]): LayerSpec;
}
