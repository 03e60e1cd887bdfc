import { zeros } from '../nn/mlp.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';

/** A law's first two parameters [dim]: its location under this name, and log-scales, both starting at 0. */
export function locationAndLogScale(location: string, dim: number): ParameterDefinition[] {
  return [
    { name: location, shape: [dim], initialise: zeros },
    { name: 'logScale', shape: [dim], initialise: zeros },
  ];
}

/**
 * Log-density [n] of z = location + e^logScale · u, column by column, where u has the log-density
 * `logProb`. Location and log-scales are [d], or [n, d] when rows differ in them.
 */
export function scaledLogProb(
  z: Tensor2D,
  location: Tensor,
  logScale: Tensor,
  logProb: (u: Tensor2D) => Tensor1D,
): Tensor1D {
  return tf.tidy(() => {
    const u: Tensor2D = tf.mul(tf.sub(z, location), tf.exp(tf.neg(logScale)));
    return tf.sub(logProb(u), tf.sum(logScale, -1));
  });
}

/** location + temperature · e^logScale · u. */
export function scaledDraw(u: Tensor2D, location: Tensor, logScale: Tensor, temperature: number): Tensor2D {
  return tf.tidy(() => tf.add(tf.mul(tf.mul(u, temperature), tf.exp(logScale)), location));
}
