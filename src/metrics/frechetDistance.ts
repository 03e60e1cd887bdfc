import { createRequire } from 'node:module';
import type { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Tensor } from '../tf.js';
import { checkWidths, type Points, pointsOf } from './pairwise.js';

/** Loaded when it is used, and at once, as an import cannot be: a distance is no promise. */
const matrices = () => createRequire(import.meta.url)('ml-matrix') as typeof import('ml-matrix');

/** Mean [d] and covariance [d, d] of a law. */
export interface Moments {
  readonly mean: readonly number[];
  readonly covariance: readonly (readonly number[])[];
}

/**
 * The squared Fréchet (2-Wasserstein) distance between the normal laws that have the means and covariances of two
 * samples of features [n, d] and [m, d] (Heusel et al. 2017, equation 6). As many rows as features and fewer, whose
 * covariance is singular, are allowed; but the distance between samples of one law is not 0, and grows as rows get
 * fewer, so compare equal numbers of rows, beside the distance between two samples of real ones. Of whose features
 * it is has to be said beside it: only those of Inception give an FID that compares with published ones.
 * @throws PushforwardError `usage` for fewer than two rows, `shape` for rows of different widths, `numeric` for
 * numbers that are not finite.
 */
export function frechetDistance(a: Tensor, b: Tensor): number {
  const [x, y] = [pointsOf(a, 2), pointsOf(b, 2)];
  checkWidths(x, y);
  return normalFrechetDistance(momentsOf(x), momentsOf(y));
}

/**
 * |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½), the distance between two normal laws (Dowson and Landau 1982, equation 4).
 * The trace of the root is that of (Σ₁^½ Σ₂ Σ₁^½)^½, whose argument is symmetric and not negative, so that its
 * eigenvalues are real and what rounding takes below 0 is 0.
 */
export function normalFrechetDistance(a: Moments, b: Moments): number {
  const { Matrix } = matrices();
  const [first, second] = [a, b].map(({ covariance }) => new Matrix(covariance.map((row) => [...row])));
  const { realEigenvalues, eigenvectorMatrix } = symmetric(first as Matrix);
  const roots = Matrix.diag(realEigenvalues.map(root));
  const half = eigenvectorMatrix.mmul(roots).mmul(eigenvectorMatrix.transpose());
  const product = half.mmul(second as Matrix).mmul(half);
  const { realEigenvalues: squares } = symmetric(product);
  const traces = (first as Matrix).trace() + (second as Matrix).trace();
  const shared = squares.reduce((sum, value) => sum + root(value), 0);
  const shift = a.mean.reduce((sum, value, k) => sum + (value - (b.mean[k] as number)) ** 2, 0);
  // Equal laws are at 0, not at what the roots' rounding leaves of it.
  return Math.max(0, shift + traces - 2 * shared);
}

function symmetric(matrix: Matrix): EigenvalueDecomposition {
  const { EigenvalueDecomposition, Matrix } = matrices();
  return new EigenvalueDecomposition(Matrix.add(matrix, matrix.transpose()).mul(0.5), {
    assumeSymmetric: true,
  });
}

function root(value: number): number {
  return Math.sqrt(Math.max(0, value));
}

/** Sums in double precision, about the mean, so that features far from 0 lose no digits. */
function momentsOf({ rows, width, values }: Points): Moments {
  const mean = new Float64Array(width);
  for (let i = 0; i < values.length; i++) {
    mean[i % width] = (mean[i % width] as number) + (values[i] as number) / rows;
  }
  const covariance = Array.from({ length: width }, () => new Float64Array(width));
  const centred = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < width; j++) centred[j] = (values[row * width + j] as number) - (mean[j] as number);
    for (let j = 0; j < width; j++) {
      const [own, sums] = [(centred[j] as number) / (rows - 1), covariance[j] as Float64Array];
      for (let k = 0; k < width; k++) sums[k] = (sums[k] as number) + own * (centred[k] as number);
    }
  }
  return { mean: Array.from(mean), covariance: covariance.map((row) => Array.from(row)) };
}
