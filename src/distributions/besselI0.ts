import { type Tensor, tf } from '../tf.js';

/** Where the quadrature gives way to the asymptotic series. */
const SWITCH = 50;
/** Points of the circle; the error of the rule at κ = 50 is some e^{−N²/2κ} = 1e-18. */
const POINTS = 64;

/**
 * log(e^−κ I₀(κ)) for κ ≥ 0, to some 1e-7: 0 at κ = 0, and −½ log 2πκ for large κ.
 *
 * Up to 50, I₀(κ) = 1/2π ∫ e^{κ cos t} dt by the rule of equal steps, which converges geometrically for a
 * smooth periodic function; beyond, the asymptotic series (Abramowitz and Stegun 9.7.1). Both are smooth,
 * so the gradient, I₁(κ) / I₀(κ) − 1, is as good as the value.
 */
export function logScaledBesselI0<T extends Tensor>(kappa: T): T {
  return tf.tidy(() => {
    const near = tf.minimum(kappa, SWITCH);
    // max(κ, 50), but at a tie without a gradient of its own: each κ has that of one formula.
    const far = tf.add(tf.sub(kappa, near), SWITCH);
    const beyond = tf.sub(asymptotic(far), asymptotic(tf.scalar(SWITCH)));
    return tf.add(quadrature(near), beyond) as T;
  });
}

function quadrature(kappa: Tensor): Tensor {
  // By symmetry half of the circle: the points 0 and π once, those between twice.
  const half = POINTS / 2;
  const angles = Array.from({ length: half + 1 }, (_, j) => (2 * Math.PI * j) / POINTS);
  const exponents = tf.tensor1d(angles.map((angle) => Math.cos(angle) - 1));
  const weights = tf.tensor1d(angles.map((_, j) => (j === 0 || j === half ? 1 : 2) / POINTS));
  const terms = tf.exp(tf.mul(tf.expandDims(kappa, -1), exponents));
  return tf.log(tf.sum(tf.mul(terms, weights), -1));
}

function asymptotic(kappa: Tensor): Tensor {
  const inverse = tf.reciprocal(kappa);
  // 1 + 1/8κ + 9/128κ² + 225/3072κ³ + 11025/98304κ⁴
  let series: Tensor = tf.mul(inverse, 11025 / 98304);
  for (const coefficient of [225 / 3072, 9 / 128, 1 / 8])
    series = tf.mul(tf.add(series, coefficient), inverse);
  return tf.sub(tf.log1p(series), tf.mul(tf.log(tf.mul(kappa, 2 * Math.PI)), 0.5));
}
