import { PushforwardError } from '../errors.js';
import type { Tensor } from '../tf.js';
import { type Points, pointsOf, visitSquaredDistances } from './pairwise.js';

/** How well generated rows keep to the real ones, and how well they cover them; each about as great as its null. */
export interface NeighbourMetrics {
  /** Share of generated rows that lie in the ball of a real one (Kynkäänniemi et al. 2019). */
  readonly precision: number;
  /** Share of real rows that lie in the ball of a generated one. */
  readonly recall: number;
  /** Real balls that a generated row lies in, over k: 1 on average for a perfect generator (Naeem et al. 2020). */
  readonly density: number;
  /** Share of real rows whose ball holds a generated one: 1 − 2⁻ᵏ for a perfect one (ibid.). */
  readonly coverage: number;
}

/**
 * Precision, recall, density and coverage of generated rows [m, ...] against real ones [n, ...]. The ball of a row
 * reaches to its kth nearest neighbour of its own sample, and what lies on its edge is in it, so that tables of few
 * values count too.
 * @param k neighbours. Default 5.
 * @throws PushforwardError `usage` for k rows or fewer; `shape`; `numeric`.
 */
export function neighbourMetrics(real: Tensor, generated: Tensor, k = 5): NeighbourMetrics {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new PushforwardError('usage', `${k} neighbours`, { mend: 'give a whole number from 1' });
  }
  const [x, y] = [pointsOf(real, k + 1), pointsOf(generated, k + 1)];
  const [radiiX, radiiY] = [squaredRadii(x, k), squaredRadii(y, k)];
  let [recalled, covered, inBalls] = [0, 0, 0];
  const isPrecise = new Uint8Array(y.rows);
  visitSquaredDistances(x, y, (i, squared) => {
    const radius = radiiX[i] as number;
    let [isRecalled, held] = [false, 0];
    for (let j = 0; j < y.rows; j++) {
      const distance = squared[j] as number;
      isRecalled ||= distance <= (radiiY[j] as number);
      if (distance <= radius) {
        held += 1;
        isPrecise[j] = 1;
      }
    }
    if (isRecalled) recalled += 1;
    if (held > 0) covered += 1;
    inBalls += held;
  });
  return {
    precision: isPrecise.reduce((sum, one) => sum + one, 0) / y.rows,
    recall: recalled / x.rows,
    density: inBalls / (k * y.rows),
    coverage: covered / x.rows,
  };
}

/** Squared distance of each row to its kth nearest other row. */
function squaredRadii(points: Points, k: number): Float32Array {
  const radii = new Float32Array(points.rows);
  visitSquaredDistances(points, points, (row, squared) => {
    squared[row] = Number.POSITIVE_INFINITY;
    radii[row] = squared.slice().sort()[k - 1] as number;
  });
  return radii;
}
