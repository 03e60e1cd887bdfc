import { type Tensor, tf } from '../tf.js';

/** The nearest values on [least, most]; NaN stays. A value outside gives its gradient to the limit. */
export function clamp(values: Tensor, least: Tensor, most: Tensor): Tensor {
  return tf.minimum(tf.maximum(values, least), most);
}

/** 1 where a < b, else 0: a constant to gradients. */
export function constantLess(a: Tensor, b: Tensor): Tensor {
  return tf.cast(tf.less(a, b), 'float32');
}
