import { type Tensor, tf } from '../tfjs.js';
import { sumTo } from './broadcasts.js';
import { setGradient } from './register.js';

/**
 * dy and x [..., channels] and mean [channels] to Σ dy and Σ dy (x − mean), both [channels]: a kernel that a
 * backend may have.
 */
export const NORMALISE_SUMS = 'PushforwardNormaliseSums';

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
    const [total, product] = sumsOf(dy, x, mean);
    return {
      x: () => tf.mul(dy, gain),
      mean: () => tf.neg(tf.mul(total, gain)),
      variance: () => tf.mul(tf.mul(product, -0.5), tf.mul(gain, tf.square(inverse))),
      scale: () => tf.mul(product, inverse),
      offset: () => tf.clone(total),
    };
  });
  setGradient(NORMALISE_SUMS, ['dy', 'x', 'mean'], (cotangents, saved) => {
    const [dy, x, mean] = saved as [Tensor, Tensor, Tensor];
    const [ofTotal, ofProduct] = cotangents as unknown as [Tensor, Tensor];
    return {
      dy: () => tf.add(tf.mul(tf.sub(x, mean), ofProduct), ofTotal),
      x: () => tf.mul(dy, ofProduct),
      mean: () => tf.neg(tf.mul(totals(dy, mean), ofProduct)),
    };
  });
}

/** Σ dy and Σ dy (x − mean) over what shares a number of the statistics. */
function sumsOf(dy: Tensor, x: Tensor, mean: Tensor): [total: Tensor, product: Tensor] {
  const isPerChannel = mean.rank === 1 && mean.size === x.shape.at(-1) && x.size > 0;
  if (isPerChannel && tf.getKernel(NORMALISE_SUMS, tf.getBackend()) !== undefined) {
    return tf.engine().runKernel(NORMALISE_SUMS, { dy, x, mean }) as unknown as [Tensor, Tensor];
  }
  return [totals(dy, mean), tf.tidy(() => totals(tf.mul(dy, tf.sub(x, mean)), mean))];
}

/** Sums over what shares a number of the statistics, in their shape. */
function totals(tensor: Tensor, statistics: Tensor): Tensor {
  return tf.reshape(sumTo(tensor, statistics.shape), statistics.shape);
}
