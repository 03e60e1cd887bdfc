import { LU_SOLVE, TRIANGULAR_SOLVE } from '../backend/hostKernels.js';
import { type Tensor, tf } from '../tf.js';
import {
  checkRightSides,
  checkSquare,
  type Factors,
  factorise,
  runKernel,
  type TriangularOptions,
} from './factorisation.js';

/**
 * X of A X = B, or of Aᵀ X = B, for each matrix of a batch, by LU with partial pivoting; differentiable
 * any number of times.
 *
 * @param a [..., n, n], float32. Where a matrix is singular its X is not finite.
 * @param b [..., n, k], float32, with the batch dimensions of `a`
 * @param options.transpose solve with the transposes; default false
 * @returns [..., n, k]
 * @throws PushforwardError `shape` for other shapes or types.
 */
export function solve<T extends Tensor>(a: Tensor, b: T, options: { readonly transpose?: boolean } = {}): T {
  checkSquare(a, 'solve');
  checkRightSides(a, b, 'solve');
  return solveBy(a, b, options.transpose ?? false) as T;
}

/**
 * A⁻¹ [..., n, n] of each matrix of a batch. To multiply by an inverse, `solve` is faster and more accurate.
 *
 * @param a [..., n, n], float32. Where a matrix is singular its inverse is not finite.
 * @throws PushforwardError `shape` for other shapes or types.
 */
export function inverse<T extends Tensor>(a: T): T {
  checkSquare(a, 'inverse');
  return inverseBy(a, false) as T;
}

/** The inverses of the matrices or of their transposes, with factors that are already there. */
export function inverseBy(a: Tensor, transpose: boolean, factors?: Factors): Tensor {
  return tf.tidy(() => solveBy(a, identities(a), transpose, factors));
}

/**
 * `solve` with factors that are already there. They count as known: `a` alone is what is differentiated.
 */
function solveBy(a: Tensor, b: Tensor, transpose: boolean, factors?: Factors): Tensor {
  const op = tf.customGrad((...args) => {
    const [matrix, right, save] = args as [Tensor, Tensor, tf.GradSaveFunc];
    const { lu, order } = factors ?? factorise(matrix);
    const x = runKernel(LU_SOLVE, { lu, order, b: right }, { transpose }) as Tensor;
    save([matrix, right, lu, order, x]);
    // With x = A⁻¹ b: db = A⁻ᵀ dx and dA = −db xᵀ; for the transpose dA is the transpose of that.
    const gradFunc = (dx: Tensor, saved: Tensor[]): Tensor[] => {
      const [matrix, right, lu, order, x] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor];
      const known = { lu, order };
      const db = solveBy(matrix, dx, !transpose, known);
      const solution = isRecorded() ? solveBy(matrix, right, transpose, known) : x;
      return [tf.neg(transpose ? outer(solution, db) : outer(db, solution)), db];
    };
    return { value: x, gradFunc };
  });
  return op(a, b);
}

/**
 * X of T X = B, or of Tᵀ X = B, where T is the lower or upper triangle of each matrix of a batch;
 * differentiable any number of times, with gradients of 0 for what is not read.
 *
 * @param t [..., n, n], float32. Where a number on the diagonal is 0, X is not finite.
 * @param b [..., n, k], float32, with the batch dimensions of `t`
 * @param options.transpose solve with the transposes of the triangles; default false
 * @returns [..., n, k]
 * @throws PushforwardError `shape` for other shapes or types.
 */
export function triangularSolve<T extends Tensor>(
  t: Tensor,
  b: T,
  options: TriangularOptions & { readonly transpose?: boolean } = {},
): T {
  const n = checkSquare(t, 'triangularSolve');
  checkRightSides(t, b, 'triangularSolve');
  const { lower = true, unitDiagonal = false, transpose = false } = options;
  const op = tf.customGrad((...args) => {
    const [triangle, right, save] = args as [Tensor, Tensor, tf.GradSaveFunc];
    const attributes = { lower, unitDiagonal, transpose };
    const x = runKernel(TRIANGULAR_SOLVE, { t: triangle, b: right }, attributes) as Tensor;
    save([triangle, right, x]);
    const gradFunc = (dx: Tensor, saved: Tensor[]): Tensor[] => {
      const [triangle, right, x] = saved as [Tensor, Tensor, Tensor];
      const db = triangularSolve(triangle, dx, { ...attributes, transpose: !transpose });
      const solution = isRecorded() ? triangularSolve(triangle, right, attributes) : x;
      const product = transpose ? outer(solution, db) : outer(db, solution);
      return [tf.neg(tf.mul(product, triangleMask(n, lower, unitDiagonal))), db];
    };
    return { value: x, gradFunc };
  });
  return op(t, b) as T;
}

/**
 * Whether ops are being recorded for a derivative of what a gradient function computes. tfjs puts what
 * an op saves on the tape before the op itself, so a saved result would count as a constant there: it
 * is computed anew.
 */
function isRecorded(): boolean {
  return tf.engine().isTapeOn();
}

/** a bᵀ for [..., n, k] and [..., n, k]. */
function outer(a: Tensor, b: Tensor): Tensor {
  return tf.matMul(a, b, false, true);
}

/** Identity matrices in the shape of `a` [..., n, n]. */
function identities(a: Tensor): Tensor {
  const n = a.shape[a.rank - 1] as number;
  const values = new Float32Array(a.size);
  for (let start = 0; start < values.length; start += n * n) {
    for (let i = 0; i < n; i++) values[start + i * (n + 1)] = 1;
  }
  return tf.tensor(values, a.shape);
}

/** 1 where the triangle has entries that are read, 0 elsewhere. */
function triangleMask(n: number, lower: boolean, unitDiagonal: boolean): Tensor {
  const values = Float32Array.from({ length: n * n }, (_, index) => {
    const [i, j] = [Math.floor(index / n), index % n];
    if (i === j) return unitDiagonal ? 0 : 1;
    return i > j === lower ? 1 : 0;
  });
  return tf.tensor2d(values, [n, n]);
}
