import { type Tensor, tf } from '../tf.js';

/**
 * The nearest values on [least, most], three tensors of one shape; NaN stays. A value outside gives its
 * gradient to the limit. Unlike tfjs' own minimum and maximum it has second derivatives.
 */
export function clamp(values: Tensor, least: Tensor, most: Tensor): Tensor {
  const nearest = tf.customGrad((...args) => {
    const [value, low, high, save] = args as [Tensor, Tensor, Tensor, tf.GradSaveFunc];
    save([value, low, high]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [at, lowest, highest] = saved as [Tensor, Tensor, Tensor];
      const [below, above] = [constantLess(at, lowest), constantLess(highest, at)];
      return [tf.sub(1, tf.add(below, above)), below, above].map((share) => tf.mul(dy, share));
    };
    return { value: tf.minimum(tf.maximum(value, low), high), gradFunc };
  });
  return nearest(values, least, most);
}

/** 1 where a < b, else 0. Comparisons have no gradient in tfjs, and asking for one throws; here it is 0. */
export function constantLess(a: Tensor, b: Tensor): Tensor {
  const compare = tf.customGrad((left, right) => ({
    value: tf.cast(tf.less(left as Tensor, right as Tensor), 'float32'),
    gradFunc: () => [left, right].map((input) => tf.zerosLike(input as Tensor)),
  }));
  return compare(a, b);
}
