/** Where the series gives way to the continued fraction. */
const TAIL = 3;
const TERMS = 60;

/**
 * Φ(z), the distribution function of N(0, 1), to about 15 digits, relative ones in the lower tail: by the
 * series of Marsaglia (2004, eq. 3) in the middle and by Laplace's continued fraction in the tails.
 */
export function normalCdf(z: number): number {
  if (z > 0) return 1 - normalCdf(-z);
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (z < -TAIL) {
    let fraction = -z;
    for (let k = TERMS; k > 0; k--) fraction = k / fraction - z;
    return density / fraction;
  }
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 + density * sum;
}
