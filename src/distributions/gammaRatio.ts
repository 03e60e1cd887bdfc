import { type Tensor, tf } from '../tf.js';

/** Steps of the recurrence before the series; from 4 on, five terms of it leave less than 1e-8. */
const STEPS = 4;
/** log Γ(x + ½) − log Γ(x) − ½ log x = Σ c_k / x^{2k+1}, by Stirling's series of both. */
const SERIES = [-1 / 8, 1 / 192, -1 / 640, 17 / 14336];

/**
 * log Γ(x + ½) − log Γ(x) − ½ log x for x > 0, to some 1e-7: between −½ log x near 0, and −1/(8x), so that
 * nothing is lost at large x, where the two log Γ are huge and alike. By Γ(x + 1) = x Γ(x) from x to
 * x + 4, and there by the asymptotic series.
 */
export function logGammaHalfStep<T extends Tensor>(x: T): T {
  return tf.tidy(() => {
    const far: T = tf.add(x, STEPS);
    const inverse: T = tf.reciprocal(far);
    const square = tf.square(inverse);
    let series: Tensor = tf.fill(x.shape, 0);
    for (const coefficient of SERIES.toReversed()) series = tf.add(tf.mul(series, square), coefficient);
    // ½ log((x + 4) / x), and each step of the recurrence a factor (x + i) / (x + i + ½).
    let sum = tf.add(tf.mul(series, inverse), tf.mul(tf.log1p(tf.div(STEPS, x)), 0.5));
    for (let i = 0; i < STEPS; i++) sum = tf.sub(sum, tf.log1p(tf.div(0.5, tf.add(x, i))));
    return sum as T;
  });
}
