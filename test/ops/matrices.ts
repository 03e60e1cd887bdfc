import type { ExecutionContext } from 'ava';
import test from 'ava';
import '../../src/backend/index.js';
import { NATIVE_BACKEND } from '../../src/backend/index.js';
import { type Tensor, tf } from '../../src/tf.js';
import { normals } from '../flows/laws.js';
import { nativeTest, onEveryLevel } from '../native/support.js';

/** Runs a law on the CPU backend, and with the addon on every path of this processor. */
export function everywhere(title: string, law: (t: ExecutionContext) => void): void {
  test.serial(`${title}, cpu`, (t) => {
    void tf.setBackend('cpu');
    law(t);
  });
  nativeTest(`${title}, native`, (t, addon) => {
    void tf.setBackend(NATIVE_BACKEND);
    onEveryLevel(addon, () => law(t));
  });
}

/** Sizes around what SIMD groups, register blocks and the change of algorithm have as edges. */
export const SIZES: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 33, 64, 65, 100, 200];

export const EPSILON = 2 ** -24;

/** Standard normal matrices [batch, n, n]. */
export function normalMatrices(batch: number, n: number, stream: number, columns = n): tf.Tensor3D {
  return tf.tensor3d(normals(batch * n * columns, stream), [batch, n, columns]);
}

/** The matrices of a batch in double precision. */
export function doubles(tensor: Tensor): Float64Array[] {
  const values = tensor.dataSync();
  const size = (tensor.shape[tensor.rank - 1] as number) * (tensor.shape[tensor.rank - 2] as number);
  return Array.from({ length: size === 0 ? 0 : values.length / size }, (_, i) =>
    Float64Array.from(values.subarray(i * size, (i + 1) * size)),
  );
}

export function norm(matrix: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < matrix.length; i++) squares += (matrix[i] as number) ** 2;
  return Math.sqrt(squares);
}

/** a b for row-major [rows, inner] and [inner, columns]. */
export function product(a: ArrayLike<number>, b: ArrayLike<number>, inner: number): Float64Array {
  const rows = a.length / inner;
  const columns = b.length / inner;
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[i * inner + k] as number;
      for (let j = 0; j < columns; j++)
        out[i * columns + j] = (out[i * columns + j] as number) + factor * (b[k * columns + j] as number);
    }
  }
  return out;
}

export function transposed(a: ArrayLike<number>, n: number): Float64Array {
  const columns = a.length / n;
  return Float64Array.from(
    { length: a.length },
    (_, i) => a[(i % n) * columns + Math.floor(i / n)] as number,
  );
}

export interface Reference {
  readonly sign: number;
  readonly logAbsDet: number;
  readonly inverse: Float64Array;
  /** ‖A‖ ‖A⁻¹‖ in the Frobenius norm. */
  readonly condition: number;
}

/** Determinant and inverse by Householder's QR in double precision, which shares nothing with LU. */
export function reference(matrix: Float64Array, n: number): Reference {
  const r = matrix.slice();
  // Q' A = R, with what is done to A done to the identity.
  const q = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  let sign = 1;
  let logAbsDet = 0;
  for (let k = 0; k < n; k++) {
    const v = new Float64Array(n);
    for (let i = k; i < n; i++) v[i] = r[i * n + k] as number;
    const length = norm(v);
    if (length > 0) {
      v[k] = (v[k] as number) + ((v[k] as number) < 0 ? -length : length);
      const scale = 2 / norm(v) ** 2;
      for (const target of [r, q]) reflect(target, v, scale, n);
      // A reflection turns the orientation round.
      sign = -sign;
    }
    const diagonal = r[k * n + k] as number;
    sign *= Math.sign(diagonal);
    logAbsDet += Math.log(Math.abs(diagonal));
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = 0; j < n; j++) {
      let sum = q[i * n + j] as number;
      for (let k = i + 1; k < n; k++) sum -= (r[i * n + k] as number) * (q[k * n + j] as number);
      q[i * n + j] = sum / (r[i * n + i] as number);
    }
  }
  return { sign, logAbsDet, inverse: q, condition: norm(matrix) * norm(q) };
}

function reflect(target: Float64Array, v: Float64Array, scale: number, n: number): void {
  const along = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      along[j] = (along[j] as number) + (v[i] as number) * (target[i * n + j] as number);
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      target[i * n + j] = (target[i * n + j] as number) - scale * (v[i] as number) * (along[j] as number);
  }
}
