import type { Activation, LayerSpec, ParameterSlice } from '../native/spec.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import type { Tensor, Tensor1D, Tensor2D } from '../tf.js';

export type { Activation, LayerSpec, ParameterDefinition, ParameterSlice };

/** An invertible map of R^d, given context, written in tfjs ops. It holds no state of its own. */
export interface Bijection {
  readonly kind: string;
  readonly dim: number;
  /** Width of the context it takes; 0 for a map that takes none. */
  readonly contextDim: number;
  readonly parameters: readonly ParameterDefinition[];
  /** Data to latent: y [n, d] and log|det dy/dx| [n], in nats. */
  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D };
  /** Latent to data: x [n, d] and log|det dx/dy| [n], in nats. */
  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D };
  /**
   * What the native plan needs; `slices` are this bijection's parameters in the flow's flat array. Null
   * for a map without a native stage: a flow that has one such layer runs by its definition.
   */
  spec(slices: readonly ParameterSlice[]): LayerSpec | null;
  /** First values of the parameters that suit the rows x [n, d] arriving at this layer, where it has any. */
  initialiseFrom?(x: Tensor2D): readonly Float32Array[];
}
