import type { Activation } from '../native/spec.js';
import { type Tensor, tf } from '../tf.js';

/** Slope of leakyRelu below zero. */
const LEAKY_SLOPE = 0.01;

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
 * Standard deviations that a layer's first weights and biases have before this activation.
 *
 * Where it bends at 0 or saturates, both are those of a uniform law on ±1/√inputs (LeCun et al. 1998,
 * section 4.6, whose weights keep variances, times a third): kinks lie at all places of the data, and the
 * network starts tame. He's weights (2015) with biases of zero, which keep activations of the size of their
 * inputs, make flows of tables overfit by tenths of a nat to several. Smooth activations, which are nearly
 * linear at 0 and would stay so, keep them.
 */
export function initialScales(activation: Activation, inputs: number): { weights: number; biases: number } {
  if (inputs === 0) return { weights: 0, biases: 0 };
  if (activation === 'silu' || activation === 'gelu') return { weights: Math.sqrt(2 / inputs), biases: 0 };
  const scale = Math.sqrt(1 / (3 * inputs));
  return { weights: scale, biases: scale };
}
