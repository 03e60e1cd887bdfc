import { PushforwardError } from '../errors.js';
import type { Tensor } from '../tf.js';
import { type Points, pointsOf, squaredDistance, visitSquaredDistances } from './pairwise.js';

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

/** Distances whose squares are this close to each other, relatively, are told apart in double precision. */
const CLOSE = 0.01;
/** What the rounding to float32 may have moved a number by, and some arithmetic with it, relative to the number. */
const ROUNDING = 2 ** -22;

/**
 * Precision, recall, density and coverage of generated rows [m, ...] against real ones [n, ...]. The ball of a row
 * reaches to its kth nearest neighbour of its own sample, and what lies on its edge, but for the rounding of float32,
 * is in it, so that tables of few values, or of values on a grid, count too.
 * @param k neighbours. Default 5.
 * @throws PushforwardError `usage` for k rows or fewer; `shape`; `numeric`.
 */
export function neighbourMetrics(real: Tensor, generated: Tensor, k = 5): NeighbourMetrics {
  if (!Number.isSafeInteger(k) || k < 1) {
    throw new PushforwardError('usage', `${k} neighbours`, { mend: 'give a whole number from 1' });
  }
  const [x, y] = [pointsOf(real, k + 1), pointsOf(generated, k + 1)];
  const edge = ROUNDING * Math.sqrt(x.width) * Math.max(greatest(x), greatest(y));
  const [radiiX, radiiY] = [radii(x, k), radii(y, k)];
  let [recalled, covered, inBalls] = [0, 0, 0];
  const isPrecise = new Uint8Array(y.rows);
  visitSquaredDistances(x, y, (i, squared) => {
    let [isRecalled, held] = [false, 0];
    for (let j = 0; j < y.rows; j++) {
      const [ofReal, ofGenerated] = [(radiiX[i] as number) + edge, (radiiY[j] as number) + edge];
      let distance = squared[j] as number;
      if (isClose(distance, ofReal ** 2) || isClose(distance, ofGenerated ** 2)) {
        distance = squaredDistance(x, i, y, j);
      }
      isRecalled ||= distance <= ofGenerated ** 2;
      if (distance <= ofReal ** 2) {
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

function isClose(squared: number, other: number): boolean {
  return Math.abs(squared - other) <= CLOSE * other;
}

/** Distance of each row to its kth nearest other row, in double precision. */
function radii(points: Points, k: number): Float64Array {
  const distances = new Float64Array(points.rows);
  visitSquaredDistances(points, points, (row, squared) => {
    squared[row] = Number.POSITIVE_INFINITY;
    const bound = (1 + CLOSE) * (squared.slice().sort()[k - 1] as number);
    const nearest: number[] = [];
    squared.forEach((approximate, other) => {
      if (approximate <= bound) nearest.push(squaredDistance(points, row, points, other));
    });
    distances[row] = Math.sqrt(nearest.sort((a, b) => a - b)[k - 1] as number);
  });
  return distances;
}

function greatest({ values }: Points): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
