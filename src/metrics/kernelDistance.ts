import { checkWhole } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, tf } from '../tf.js';
import { checkWidths, type Points, pointsOf, visitSquaredDistances } from './pairwise.js';

export interface KernelDistanceOptions {
  /** Standard deviation of the Gaussian kernel. Default: the median distance between rows of both samples. */
  readonly bandwidth?: number;
  /** Orders of the pooled rows that the p-value is counted over; 0, the default, counts none. */
  readonly permutations?: number;
  /** Of the permutations. Default 0. */
  readonly seed?: number;
}

export interface KernelDistance {
  /** The unbiased estimate of MMD², which is about 0, below too, for samples of one law. */
  readonly squared: number;
  readonly bandwidth: number;
  /** Share of orders, the given one among them, whose MMD² is as great; null without permutations. */
  readonly pValue: number | null;
}

/** More rows than this, of both samples, would be gigabytes of kernel values. */
const MOST_ROWS = 16_384;

/**
 * The squared maximum mean discrepancy between the laws of two samples by the kernel exp(−|x − y|² / 2σ²), without
 * bias (Gretton et al. 2012, equation 3), with the median heuristic for σ (ibid., section 8).
 * @throws PushforwardError `usage` for fewer than two rows, or more than 16,384 in all, and options that make no sense;
 * `shape`; `numeric`.
 */
export function kernelDistance(
  a: Tensor,
  b: Tensor,
  { bandwidth, permutations = 0, seed = 0 }: KernelDistanceOptions = {},
): KernelDistance {
  checkWhole('permutations', permutations, 0);
  const [x, y] = [pointsOf(a, 2), pointsOf(b, 2)];
  const n = x.rows;
  const kernel = pooledDistances(x, y);
  const total = n + y.rows;
  const sigma = bandwidth ?? medianDistance(kernel, total);
  if (!(sigma > 0 && Number.isFinite(sigma))) {
    throw new PushforwardError('usage', `a kernel with a bandwidth of ${sigma}`, {
      mend:
        bandwidth === undefined ? 'half of all rows are equal: give a bandwidth' : 'give a positive number',
    });
  }
  for (let i = 0; i < kernel.length; i++) kernel[i] = Math.exp(-(kernel[i] as number) / (2 * sigma ** 2));
  const order = Int32Array.from({ length: total }, (_, i) => i);
  const squared = unbiased(kernel, order, n);
  if (permutations === 0) return { squared, bandwidth: sigma, pValue: null };
  const random = new Random(seed, streamOf('permutations'));
  let greater = 1;
  for (let k = 0; k < permutations; k++) {
    if (unbiased(kernel, random.permutation(total), n) >= squared) greater += 1;
  }
  return { squared, bandwidth: sigma, pValue: greater / (permutations + 1) };
}

/**
 * The kernel inception distance's estimate on given features [n, d] and [m, d] (Bińkowski et al. 2018, section 3):
 * MMD² without bias by the kernel (x·y / d + 1)³. Of whose features it is has to be said beside it.
 * @throws PushforwardError as `kernelDistance`.
 */
export function cubicKernelDistance(a: Tensor, b: Tensor): number {
  const [x, y] = [pointsOf(a, 2), pointsOf(b, 2)];
  checkWidths(x, y);
  const mean = (one: Points, other: Points): number => {
    const same = one === other;
    const { values, total } = cubes(one, other);
    let diagonal = 0;
    if (same) for (let i = 0; i < one.rows; i++) diagonal += values[i * one.rows + i] as number;
    return (total - diagonal) / (one.rows * (other.rows - (same ? 1 : 0)));
  };
  return mean(x, x) + mean(y, y) - 2 * mean(x, y);
}

function cubes(a: Points, b: Points): { values: Float32Array; total: number } {
  checkRows(a.rows + b.rows);
  const values = tf.tidy(() => {
    const products = tf.matMul(
      tf.tensor2d(a.values, [a.rows, a.width]),
      tf.tensor2d(b.values, [b.rows, b.width]),
      false,
      true,
    );
    const shifted = tf.add(tf.div(products, a.width), 1);
    return tf.mul(tf.square(shifted), shifted).dataSync<'float32'>();
  });
  let total = 0;
  for (const value of values) total += value;
  return { values, total };
}

function checkRows(rows: number): void {
  if (rows <= MOST_ROWS) return;
  throw new PushforwardError('usage', `${rows} rows are too many for all their pairs`, {
    mend: `give at most ${MOST_ROWS} in both samples together`,
  });
}

/** Squared distances [total · total] between the rows of both samples, those of `x` first. */
function pooledDistances(x: Points, y: Points): Float32Array {
  checkWidths(x, y);
  const total = x.rows + y.rows;
  checkRows(total);
  const values = new Float32Array(total * x.width);
  values.set(x.values);
  values.set(y.values, x.values.length);
  const pooled = { rows: total, width: x.width, values };
  const squared = new Float32Array(total * total);
  visitSquaredDistances(pooled, pooled, (row, distances) => squared.set(distances, row * total));
  return squared;
}

/** The median distance between different rows of both samples: 0 where half of all pairs are of equal rows. */
export function medianBandwidth(a: Tensor, b: Tensor): number {
  const [x, y] = [pointsOf(a, 2), pointsOf(b, 2)];
  return medianDistance(pooledDistances(x, y), x.rows + y.rows);
}

/** Of the pairs of different rows. */
function medianDistance(squared: Float32Array, total: number): number {
  const pairs = new Float32Array((total * (total - 1)) / 2);
  let at = 0;
  for (let i = 0; i < total; i++) {
    pairs.set(squared.subarray(i * total + i + 1, (i + 1) * total), at);
    at += total - i - 1;
  }
  pairs.sort();
  return Math.sqrt(pairs[Math.floor(pairs.length / 2)] as number);
}

/** MMD² when the first n of the order are one sample and the others the other. */
function unbiased(kernel: Float32Array, order: Int32Array, n: number): number {
  const total = order.length;
  const m = total - n;
  let [within, without, across] = [0, 0, 0];
  for (let i = 0; i < total; i++) {
    const row = (order[i] as number) * total;
    let [first, second] = [0, 0];
    for (let j = 0; j < i; j++) {
      const value = kernel[row + (order[j] as number)] as number;
      if (j < n) first += value;
      else second += value;
    }
    if (i < n) within += first;
    else {
      across += first;
      without += second;
    }
  }
  return (2 * within) / (n * (n - 1)) + (2 * without) / (m * (m - 1)) - (2 * across) / (n * m);
}
