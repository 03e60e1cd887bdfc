import { type Tensor, tf } from '../tf.js';
import { NativeBackend } from './backend.js';

/**
 * The values of a float32 tensor, to be read at once, not written and kept by nobody: those of the backend
 * `native` are not copied, and their memory serves the next tensor. Elsewhere it is `dataSync`.
 */
export function peek(tensor: Tensor): Float32Array {
  const backend = tf.backend();
  const stored = backend instanceof NativeBackend ? backend.stored(tensor) : undefined;
  return stored instanceof Float32Array ? stored : tensor.dataSync<'float32'>();
}
