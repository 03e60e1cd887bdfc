import { PushforwardError } from '../errors.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';

/** Numbers of one block of products: 16 MB of float32. */
const BLOCK = 2 ** 22;
/** Below this share of |a|² + |b|² a squared distance has lost digits in |a|² + |b|² − 2 a·b, and is taken anew. */
const CANCELLED = 1e-3;

/** Rows of float32 numbers of one width, as they lie in memory. */
export interface Points {
  readonly rows: number;
  readonly width: number;
  readonly values: Float32Array;
}

/**
 * The rows [n, ...] of a tensor as points.
 * @throws PushforwardError `numeric` when a number is not finite, `usage` for fewer rows than `least`.
 */
export function pointsOf(x: Tensor, least = 1): Points {
  const rows = x.shape[0] as number;
  if (rows < least) {
    throw new PushforwardError('usage', `${rows} rows are too few to compare`, {
      mend: `give at least ${least}`,
    });
  }
  const values = x.dataSync<'float32'>();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  const width = x.size / rows;
  if (bad >= 0) {
    throw new PushforwardError('numeric', `row ${Math.floor(bad / width)} has ${values[bad]}`, {
      mend: 'leave out rows that are not finite',
    });
  }
  return { rows, width, values };
}

/** @throws PushforwardError `shape` for rows of different widths. */
export function checkWidths(a: Points, b: Points): void {
  if (a.width === b.width) return;
  throw new PushforwardError('shape', `rows of ${a.width} numbers against rows of ${b.width}`, {
    mend: 'compare rows of one shape',
  });
}

/**
 * Calls `visit` with the squared Euclidean distances [b.rows] of each row of `a` in turn to all rows of `b`; the array
 * is used again for the next. Equal rows are at distance 0 exactly; others to some 1e-4 of it, see `squaredDistance`.
 */
export function visitSquaredDistances(
  a: Points,
  b: Points,
  visit: (row: number, squared: Float32Array) => void,
): void {
  checkWidths(a, b);
  const { width } = a;
  const [normsA, normsB] = [a, b].map(squaredNorms) as [Float64Array, Float64Array];
  const most = Math.max(1, Math.floor(BLOCK / b.rows));
  const squared = new Float32Array(b.rows);
  const matrix = tf.tensor2d(b.values, [b.rows, width]);
  for (let first = 0; first < a.rows; first += most) {
    const rows = Math.min(most, a.rows - first);
    const products = tf.tidy(() => {
      const block = tf.tensor2d(a.values.subarray(first * width, (first + rows) * width), [rows, width]);
      return tf.matMul(block, matrix, false, true) as Tensor2D;
    });
    const values = products.dataSync<'float32'>();
    for (let i = 0; i < rows; i++) {
      const row = first + i;
      for (let j = 0; j < b.rows; j++) {
        const norms = (normsA[row] as number) + (normsB[j] as number);
        const distance = norms - 2 * (values[i * b.rows + j] as number);
        squared[j] = distance > CANCELLED * norms ? distance : squaredDistance(a, row, b, j);
      }
      visit(row, squared);
    }
    products.dispose();
  }
  matrix.dispose();
}

function squaredNorms({ rows, width, values }: Points): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let k = i * width; k < (i + 1) * width; k++) sum += (values[k] as number) ** 2;
    return sum;
  });
}

/** The squared Euclidean distance of row i of `a` to row j of `b`, summed up in double precision. */
export function squaredDistance(a: Points, i: number, b: Points, j: number): number {
  let sum = 0;
  for (let k = 0; k < a.width; k++) {
    sum += ((a.values[i * a.width + k] as number) - (b.values[j * a.width + k] as number)) ** 2;
  }
  return sum;
}
