import { PushforwardError } from '../errors.js';
import { type Tensor, tf } from '../tf.js';

/**
 * s = bound · tanh(raw / bound): the soft bound that keeps deep stacks from overflowing, since e^s is
 * finite whatever the conditioner says.
 */
export function boundedLogScale<T extends Tensor>(raw: T, bound: number): T {
  return tf.mul(tf.tanh(tf.mul(raw, 1 / bound)), bound);
}

/** @throws PushforwardError `usage` for a bound that is not above zero. */
export function checkLogScaleBound(bound: number): void {
  if (bound > 0) return;
  throw new PushforwardError('usage', `the bound of the log-scale is ${bound}`, {
    mend: 'give a positive number',
  });
}
