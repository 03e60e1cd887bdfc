import type { Activation } from '../native/spec.js';
import { type Tensor, tf } from '../tf.js';

/** Slope of leakyRelu below zero. */
export const LEAKY_SLOPE = 0.01;

/**
 * The activation of every element. silu is x·σ(x) (Elfwing, Uchibe and Doya 2018); gelu is x·Φ(x)
 * with the exact normal CDF (Hendrycks and Gimpel 2016), not its tanh approximation.
 */
export function activate<T extends Tensor>(x: T, activation: Activation): T {
  switch (activation) {
    case 'relu':
      return tf.relu(x);
    case 'leakyRelu':
      // From relu and not tf.leakyRelu, whose gradient has a comparison in it and so no gradient.
      return tf.add(tf.mul(x, LEAKY_SLOPE), tf.mul(tf.relu(x), 1 - LEAKY_SLOPE));
    case 'tanh':
      return tf.tanh(x);
    case 'silu':
      return tf.mul(x, tf.sigmoid(x));
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  }
}

/**
 * Variance gain that keeps activations of the size of their inputs: weights are drawn from
 * N(0, gain / inputs). He et al. 2015 for the functions that pass half of their inputs.
 */
export function initialGain(activation: Activation): number {
  return activation === 'tanh' ? 1 : 2;
}
