import { type Tensor, tf } from '../tfjs.js';
import { run, setGradient } from './register.js';

/** The kernel that a backend may have: dy and y of one shape, float32 and not empty, to dy · step(y). */
export const RELU_GRADIENT = 'PushforwardReluGradient';

/** dy where y, the value of relu or what it is of, is above zero. */
export function reluGradient(dy: Tensor, y: Tensor): Tensor {
  const isFit = dy.dtype === 'float32' && y.dtype === 'float32' && y.size > 0;
  const isOne = isFit && tf.getKernel(RELU_GRADIENT, tf.getBackend()) !== undefined;
  return isOne ? run(RELU_GRADIENT, { dy, y }) : tf.mul(dy, tf.step(y));
}

/** Second derivatives of elu and clipByValue, and the first of leakyRelu. */
export function registerActivationGradients(): void {
  setGradient(tf.Relu, ['x'], (dy, saved) => {
    const [x] = saved as [Tensor];
    return { x: () => reluGradient(dy, x) };
  });
  setGradient(RELU_GRADIENT, ['y'], (ddx, saved) => {
    const [y] = saved as [Tensor];
    return { dy: () => reluGradient(ddx, y), y: () => tf.zerosLike(y) };
  });
  // One product, where tfjs compares, multiplies and chooses.
  setGradient(tf.LeakyRelu, ['x'], (dy, saved, attrs) => {
    const [x] = saved as [Tensor];
    return { x: () => tf.mul(dy, tf.step(x, attrs.alpha as number)) };
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
