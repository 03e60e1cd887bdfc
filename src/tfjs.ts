/**
 * TensorFlow.js as it comes. The core bundle alone has no gradients; loading tfjs-layers registers them.
 * Chained methods stay absent, so ops are always written `tf.add(a, b)`.
 */
export { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
export type { Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
export * as tf from '@tensorflow/tfjs-core';
export * as layers from '@tensorflow/tfjs-layers';
