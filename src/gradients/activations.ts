import { type Tensor, tf } from '../tfjs.js';
import { noGradient, run, setGradient } from './register.js';

/** dy · step(x, alpha) for dy and x of one shape, attribute alpha: a kernel that a backend may have. */
export const LEAKY_RELU_GRAD = 'PushforwardLeakyReluGrad';

/**
 * From the cotangent of a leaky relu's output to that of its input: dy where x > 0, dy · alpha elsewhere.
 * Of x the signs count alone, so that for a relu it may be the output.
 */
export function pullBackRelu(dy: Tensor, x: Tensor, alpha = 0): Tensor {
  const isOneKernel =
    dy.size > 0 &&
    tf.util.arraysEqual(dy.shape, x.shape) &&
    tf.getKernel(LEAKY_RELU_GRAD, tf.getBackend()) !== undefined;
  return isOneKernel ? run(LEAKY_RELU_GRAD, { dy, x }, { alpha }) : tf.mul(dy, tf.step(x, alpha));
}

/** Gradients of relu and leakyRelu in one pass, and second derivatives of elu and clipByValue. */
export function registerActivationGradients(): void {
  setGradient(tf.Relu, ['x'], (dy, saved) => {
    const [x] = saved as [Tensor];
    return { x: () => pullBackRelu(dy, x) };
  });
  setGradient(tf.LeakyRelu, ['x'], (dy, saved, attrs) => {
    const [x] = saved as [Tensor];
    return { x: () => pullBackRelu(dy, x, attrs.alpha as number) };
  });
  setGradient(LEAKY_RELU_GRAD, ['x'], (ddx, saved, attrs) => {
    const [x] = saved as [Tensor];
    return { dy: () => pullBackRelu(ddx, x, attrs.alpha as number), x: noGradient(x) };
  });
  // EluGrad(dy, y) = dy where y ≥ 0 and dy·(y + 1) elsewhere: the first derivative, a kernel that has none.
  setGradient(tf.EluGrad, ['dy', 'y'], (ddx, saved) => {
    const [dy, y] = saved as [Tensor, Tensor];
    return {
      dy: () => run(tf.EluGrad, { dy: ddx, y }),
      y: () => tf.mul(tf.mul(ddx, dy), tf.cast(tf.less(y, 0), 'float32')),
    };
  });
  // One choice in another in place of tfjs' conjunction, through which no tape leads back to x.
  setGradient(tf.ClipByValue, ['x'], (dy, saved, attrs) => {
    const [x] = saved as [Tensor];
    const { clipValueMin, clipValueMax } = attrs as { clipValueMin: number; clipValueMax: number };
    return {
      x: () => {
        const zeros = tf.zerosLike(dy);
        const below = tf.where(tf.lessEqual(x, clipValueMax), dy, zeros);
        return tf.where(tf.greaterEqual(x, clipValueMin), below, zeros);
      },
    };
  });
}
