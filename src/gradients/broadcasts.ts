import { type Tensor, tf } from '../tfjs.js';
import { changeGradient } from './register.js';

/** Kernels of a and b that broadcast, and whose gradients in tfjs have the shape of the result. */
const BROADCASTS = [tf.BatchMatMul, tf.Maximum, tf.Minimum, tf.SquaredDifference];

/** Sums what was broadcast. Without it a gradient whose shape is not that of its input throws. */
export function reduceBroadcastGradients(): void {
  for (const kernelName of BROADCASTS) {
    changeGradient(kernelName, (gradient) => (dy, saved, attrs) => {
      const [a, b] = saved as [Tensor, Tensor];
      const { a: da, b: db } = gradient(dy, saved, attrs) as { a: () => Tensor; b: () => Tensor };
      return { a: () => sumTo(da(), a.shape), b: () => sumTo(db(), b.shape) };
    });
  }
}

/** Sums a tensor that a broadcast from `shape` has shaped over what the broadcast repeated. */
export function sumTo(tensor: Tensor, shape: number[]): Tensor {
  if (tf.util.arraysEqual(tensor.shape, shape)) return tensor;
  const axes = tf.broadcast_util.getReductionAxes(shape, tensor.shape);
  return tf.reshape(tf.sum(tensor, axes), shape);
}
