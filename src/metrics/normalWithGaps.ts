import { cholesky, logDeterminant, solveLower, solveUpper } from './cholesky.js';

/** Rows that have the same numbers, and lack the same. */
export interface Pattern {
  readonly present: readonly number[];
  readonly absent: readonly number[];
  readonly rows: readonly number[];
}

/** A normal law of d numbers: mean [d], covariance [d, d]. */
export interface Normal {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

const ITERATIONS = 25;
/** Added to each variance, relative to it: keeps columns that are sums of others invertible. */
const RIDGE = 1e-6;

/** Groups rows by which of their d numbers are there (1 in `present`, [rows, d]). */
export function patternsOf(present: Uint8Array, rows: number, d: number): Pattern[] {
  const groups = new Map<string, number[]>();
  for (let row = 0; row < rows; row++) {
    const key = present.subarray(row * d, (row + 1) * d).join('');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups].map(([key, members]) => {
    const columns = Array.from(key, (flag, j) => ({ j, isThere: flag === '1' }));
    return {
      present: columns.filter(({ isThere }) => isThere).map(({ j }) => j),
      absent: columns.filter(({ isThere }) => !isThere).map(({ j }) => j),
      rows: members,
    };
  });
}

/**
 * Maximum likelihood of a normal law from rows with gaps, by EM (Dempster, Laird and Rubin 1977,
 * section 4.1.3); without gaps its first step is the sample mean and covariance.
 * @param values [rows, d]; what stands in a gap is not read.
 * @param noise variance that each number has besides, such as that of its rounding.
 */
export function fitNormal(
  values: Float32Array,
  patterns: readonly Pattern[],
  d: number,
  noise: readonly number[],
): Normal {
  let normal = firstGuess(values, patterns, d, noise);
  const hasGaps = patterns.some(({ absent }) => absent.length > 0);
  for (let i = 0; i < (hasGaps ? ITERATIONS : 1); i++) normal = emStep(normal, values, patterns, d, noise);
  return normal;
}

/** Adds each row's log-density of the numbers it has, nats, to `logProb`: the others are integrated out. */
export function addNormalLogProb(
  { mean, covariance }: Normal,
  values: Float32Array,
  patterns: readonly Pattern[],
  logProb: Float64Array,
): void {
  const d = mean.length;
  for (const { present, rows } of patterns) {
    const n = present.length;
    if (n === 0) continue;
    const l = factor(submatrix(covariance, d, present, present), n);
    const constant = -0.5 * (n * Math.log(2 * Math.PI) + logDeterminant(l, n));
    for (const row of rows) {
      const z = solveLower(l, n, centred(values, row, mean, present));
      logProb[row] =
        (logProb[row] as number) + constant - 0.5 * z.reduce((sum, value) => sum + value * value, 0);
    }
  }
}

/** Column means and variances of the values that are there. */
function firstGuess(
  values: Float32Array,
  patterns: readonly Pattern[],
  d: number,
  noise: readonly number[],
): Normal {
  const mean = new Float64Array(d);
  const covariance = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    const column = patterns
      .filter(({ present }) => present.includes(j))
      .flatMap(({ rows }) => rows.map((row) => values[row * d + j] as number));
    const centre = column.reduce((sum, value) => sum + value, 0) / Math.max(1, column.length);
    mean[j] = centre;
    const spread = column.reduce((sum, value) => sum + (value - centre) ** 2, 0) / Math.max(1, column.length);
    covariance[j * d + j] = spread + (noise[j] as number) || 1;
  }
  return { mean, covariance };
}

function emStep(
  { mean, covariance }: Normal,
  values: Float32Array,
  patterns: readonly Pattern[],
  d: number,
  noise: readonly number[],
): Normal {
  const sum = new Float64Array(d);
  const squares = new Float64Array(d * d);
  let count = 0;
  for (const { present, absent, rows } of patterns) {
    const n = present.length;
    const l = factor(submatrix(covariance, d, present, present), n);
    // Regression of the absent numbers on the present ones, and what it leaves of their covariance without the noise,
    // which comes to it once, below: for a number that is mostly absent it would otherwise pile up.
    const slopes = absent.map((a) => {
      const cross = Float64Array.from(present, (p) => covariance[a * d + p] as number);
      return solveUpper(l, n, solveLower(l, n, cross));
    });
    const residual = absent.map((a, i) =>
      absent.map((b) => {
        const slope = slopes[i] as Float64Array;
        return present.reduce(
          (left, p, k) => left - (slope[k] as number) * (covariance[b * d + p] as number),
          (covariance[a * d + b] as number) - (a === b ? (noise[a] as number) : 0),
        );
      }),
    );
    // Moments are taken about the current mean, so that far origins cost no digits.
    const offset = new Float64Array(d);
    for (const row of rows) {
      const known = centred(values, row, mean, present);
      present.forEach((p, k) => {
        offset[p] = known[k] as number;
      });
      absent.forEach((a, i) => {
        offset[a] = known.reduce(
          (total, value, k) => total + value * ((slopes[i] as Float64Array)[k] as number),
          0,
        );
      });
      for (let i = 0; i < d; i++) {
        sum[i] = (sum[i] as number) + (offset[i] as number);
        for (let j = 0; j < d; j++) {
          squares[i * d + j] = (squares[i * d + j] as number) + (offset[i] as number) * (offset[j] as number);
        }
      }
    }
    absent.forEach((a, i) => {
      absent.forEach((b, j) => {
        squares[a * d + b] =
          (squares[a * d + b] as number) + rows.length * ((residual[i] as number[])[j] as number);
      });
    });
    count += rows.length;
  }
  const shift = sum.map((total) => total / count);
  const next = squares.map(
    (square, i) => square / count - (shift[Math.floor(i / d)] as number) * (shift[i % d] as number),
  );
  for (let j = 0; j < d; j++) {
    const variance = Math.max(next[j * d + j] as number, 0);
    next[j * d + j] = (variance + (noise[j] as number)) * (1 + RIDGE) || 1;
  }
  return { mean: mean.map((value, j) => value + (shift[j] as number)), covariance: next };
}

function centred(
  values: Float32Array,
  row: number,
  mean: Float64Array,
  columns: readonly number[],
): Float64Array {
  return Float64Array.from(columns, (j) => (values[row * mean.length + j] as number) - (mean[j] as number));
}

function submatrix(
  a: Float64Array,
  d: number,
  rows: readonly number[],
  columns: readonly number[],
): Float64Array {
  return Float64Array.from(rows.flatMap((i) => columns.map((j) => a[i * d + j] as number)));
}

/** Cholesky factor with the ridge raised until there is one: exact duplicates of a column need more than the usual. */
function factor(a: Float64Array, n: number): Float64Array {
  for (let ridge = 0; ; ridge = Math.max(RIDGE, ridge * 10)) {
    const l = cholesky(
      a.map((value, i) => (i % (n + 1) === 0 ? value * (1 + ridge) : value)),
      n,
    );
    if (l !== null) return l;
  }
}
