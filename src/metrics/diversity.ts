import type { Tensor } from '../tf.js';
import { type Points, pointsOf, visitSquaredDistances } from './pairwise.js';

/**
 * How much generated rows [m, ...] differ from each other, beside how much real ones [n, ...] do: the mean distance
 * between two generated rows over that between two real ones. About 1 for a generator of the data's law, 0 for one that
 * has collapsed on a single row.
 * @throws PushforwardError `usage` for fewer than two rows, `numeric` for numbers that are not finite.
 */
export function diversity(generated: Tensor, real: Tensor): number {
  return meanDistance(pointsOf(generated, 2)) / meanDistance(pointsOf(real, 2));
}

/** Between different rows. */
function meanDistance(points: Points): number {
  let sum = 0;
  visitSquaredDistances(points, points, (_, squared) => {
    for (const value of squared) sum += Math.sqrt(value);
  });
  return sum / (points.rows * (points.rows - 1));
}
