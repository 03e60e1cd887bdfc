import { type Tensor, tf } from '../tfjs.js';
import { sumTo } from './broadcasts.js';
import { setGradient } from './register.js';

/**
 * The gradient of (x − mean) · scale / √(variance + ε) + offset with three passes over x in place of the
 * thirteen of tfjs, which repeats the statistics to the shape of x and multiplies by each of them there.
 */
export function replaceBatchNormGradient(): void {
  setGradient(tf.FusedBatchNorm, ['x', 'mean', 'variance', 'scale'], (dy, saved, attrs) => {
    const [x, mean, variance, scale] = saved as [Tensor, Tensor, Tensor, Tensor?];
    const inverse = tf.rsqrt(tf.add(variance, attrs.varianceEpsilon as number));
    const gain = scale === undefined ? inverse : tf.mul(scale, inverse);
    // Here, because what one of the functions below makes is gone before the next.
    const product = tf.tidy(() => totals(tf.mul(dy, tf.sub(x, mean)), mean));
    return {
      x: () => tf.mul(dy, gain),
      mean: () => tf.neg(tf.mul(totals(dy, mean), gain)),
      variance: () => tf.mul(tf.mul(product, -0.5), tf.mul(gain, tf.square(inverse))),
      scale: () => tf.mul(product, inverse),
      offset: () => totals(dy, mean),
    };
  });
}

/** Sums over what shares a number of the statistics, in their shape. */
function totals(tensor: Tensor, statistics: Tensor): Tensor {
  return tf.reshape(sumTo(tensor, statistics.shape), statistics.shape);
}
