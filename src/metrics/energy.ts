import { checkNotNegative } from '../checks.js';
import type { Tensor } from '../tf.js';
import { type Points, pointsOf, visitSquaredDistances } from './pairwise.js';

export interface EnergyOptions {
  /** Added to squared distances under their root, which makes the statistic smooth where rows meet. Default 0. */
  readonly smoothing?: number;
}

/**
 * The squared energy distance 2 E|X − Y| − E|X − X′| − E|Y − Y′| between the laws of two samples [n, ...] and
 * [m, ...] (Székely and Rizzo 2013, equation 3), as a V-statistic: all pairs count, those of a row with itself too. It
 * is 0 for equal samples, and (1/n + 1/m) (E|X − X′| − √smoothing) on average for samples of one law. In the units of
 * the data.
 * @throws PushforwardError `shape` for rows of different widths, `numeric` for numbers that are not finite, `usage` for a
 * negative smoothing.
 */
export function energyDistance(a: Tensor, b: Tensor, { smoothing = 0 }: EnergyOptions = {}): number {
  checkNotNegative('smoothing', smoothing);
  const [x, y] = [pointsOf(a), pointsOf(b)];
  return 2 * meanDistance(x, y, smoothing) - meanDistance(x, x, smoothing) - meanDistance(y, y, smoothing);
}

/**
 * The statistic of the introduction's figures (Ruthotto and Haber 2021): n·m / (n + m)² times the energy distance
 * with smoothing 0.1; a quarter of it for samples of one size.
 */
export function energyStatistic(a: Tensor, b: Tensor): number {
  const [n, m] = [a.shape[0] as number, b.shape[0] as number];
  return ((n * m) / (n + m) ** 2) * energyDistance(a, b, { smoothing: 0.1 });
}

function meanDistance(a: Points, b: Points, smoothing: number): number {
  let sum = 0;
  visitSquaredDistances(a, b, (_, squared) => {
    for (const value of squared) sum += Math.sqrt(value + smoothing);
  });
  return sum / (a.rows * b.rows);
}
