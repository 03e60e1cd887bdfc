/**
 * The one import of TensorFlow.js. tfjs-layers is loaded for what it registers: the core bundle
 * alone has no gradients. Chained methods stay absent, so ops are always written `tf.add(a, b)`.
 */
import '@tensorflow/tfjs-layers';

export { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
export type { Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
export * as tf from '@tensorflow/tfjs-core';
