import { type Tensor, tf } from '../tfjs.js';
import { run, setGradient } from './register.js';

/** Second derivatives of elu and clipByValue, and the first of leakyRelu. */
export function registerActivationGradients(): void {
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
