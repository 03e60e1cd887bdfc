import { checkWhole } from '../checks.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, tf } from '../tf.js';
import { checkWidths, type Points, pointsOf } from './pairwise.js';

export interface SlicedWassersteinOptions {
  /** Directions that rows are projected on. Default 1000. */
  readonly projections?: number;
  /** Of the directions. Default 0. */
  readonly seed?: number;
}

/** Directions that are projected on at once. */
const AT_ONCE = 64;

/**
 * The sliced 2-Wasserstein distance (Bonneel, Rabin, Peyré and Pfister 2015, definition 5): the root of the mean over
 * directions θ on the sphere of W₂² between the samples' projections θᵀx, each of which sorting gives exactly. In the
 * units of the data; 0 for equal samples.
 * @throws PushforwardError `shape` for rows of different widths, `numeric` for numbers that are not finite, `usage` for
 * fewer than one direction.
 */
export function slicedWasserstein(
  a: Tensor,
  b: Tensor,
  { projections = 1000, seed = 0 }: SlicedWassersteinOptions = {},
): number {
  checkWhole('projections', projections);
  const [x, y] = [pointsOf(a), pointsOf(b)];
  checkWidths(x, y);
  const random = new Random(seed, streamOf('directions'));
  let sum = 0;
  for (let first = 0; first < projections; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, projections - first);
    const directions = unitRows(random, count, x.width);
    const [alongX, alongY] = [x, y].map((points) => project(points, directions, count)) as [
      Float32Array,
      Float32Array,
    ];
    for (let k = 0; k < count; k++) {
      const one = alongX.subarray(k * x.rows, (k + 1) * x.rows).sort();
      const other = alongY.subarray(k * y.rows, (k + 1) * y.rows).sort();
      sum += squaredWasserstein(one, other);
    }
  }
  return Math.sqrt(sum / projections);
}

/** W₂² between the empirical laws of two sorted lists: ∫ (F⁻¹(u) − G⁻¹(u))² du, both being steps. */
export function squaredWasserstein(a: Float32Array, b: Float32Array): number {
  let [i, j, at, sum] = [0, 0, 0, 0];
  while (i < a.length && j < b.length) {
    const [endA, endB] = [(i + 1) / a.length, (j + 1) / b.length];
    // In whole numbers, so that steps that end together do so whatever the rounding.
    const order = (i + 1) * b.length - (j + 1) * a.length;
    const end = order <= 0 ? endA : endB;
    sum += (end - at) * ((a[i] as number) - (b[j] as number)) ** 2;
    at = end;
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return sum;
}

function unitRows(random: Random, count: number, width: number): Float32Array {
  const values = random.normal(new Float32Array(count * width));
  for (let k = 0; k < count; k++) {
    const row = values.subarray(k * width, (k + 1) * width);
    const norm = Math.sqrt(row.reduce((sum, value) => sum + value ** 2, 0));
    row.forEach((value, i) => {
      row[i] = value / norm;
    });
  }
  return values;
}

/** [count · rows]: along the first direction, then along the second, … */
function project({ rows, width, values }: Points, directions: Float32Array, count: number): Float32Array {
  return tf.tidy(() =>
    tf
      .matMul(tf.tensor2d(directions, [count, width]), tf.tensor2d(values, [rows, width]), false, true)
      .dataSync<'float32'>()
      .slice(),
  );
}
