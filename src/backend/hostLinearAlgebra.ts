/**
 * Square systems on the host, one matrix after the other in double precision: what the linear algebra
 * kernels of `hostKernels.ts` compute on every backend, and what the addon's are tested against.
 */

/** A batch of square matrices [batch, n, n], row-major. */
export interface Matrices {
  readonly values: ArrayLike<number>;
  readonly batch: number;
  readonly n: number;
}

/** The right-hand sides [batch, n, columns] of a batch of matrices. */
export interface RightSides {
  readonly values: ArrayLike<number>;
  readonly columns: number;
}

export interface Factorisation {
  /** [batch, n, n]: strictly below the diagonal L, whose diagonal is 1; from the diagonal on U. */
  readonly lu: Float32Array;
  /** [batch, n]: row i of L U is row order[i] of the matrix. */
  readonly order: Int32Array;
  /** [batch]: sign of the determinant, 0 where a pivot is 0. */
  readonly sign: Float32Array;
  /** [batch]: log|det|, −∞ where a pivot is 0. Both are NaN where an entry is NaN or infinite. */
  readonly logAbsDet: Float32Array;
}

/** A triangle of each matrix, or of its transpose; the other triangle is not read. */
export interface Triangle {
  /** Whether the triangle lies below the diagonal, before any transposition. */
  readonly lower: boolean;
  /** Whether the diagonal counts as ones, whatever it holds. */
  readonly unitDiagonal: boolean;
  readonly transpose: boolean;
}

/** LU with partial pivoting (Golub and Van Loan 2013, algorithm 3.4.1). */
export function luFactor({ values, batch, n }: Matrices): Factorisation {
  const lu = new Float32Array(batch * n * n);
  const order = new Int32Array(batch * n);
  const sign = new Float32Array(batch);
  const logAbsDet = new Float32Array(batch);
  const a = new Float64Array(n * n);
  for (let index = 0; index < batch; index++) {
    for (let i = 0; i < n * n; i++) a[i] = values[index * n * n + i] as number;
    const rows = order.subarray(index * n, (index + 1) * n);
    const determinant = factorOne(a, n, rows);
    sign[index] = determinant.sign;
    logAbsDet[index] = determinant.logAbsDet;
    lu.set(a, index * n * n);
  }
  return { lu, order, sign, logAbsDet };
}

function factorOne(a: Float64Array, n: number, order: Int32Array): { sign: number; logAbsDet: number } {
  for (let i = 0; i < n; i++) order[i] = i;
  let sign = 1;
  let logAbsDet = 0;
  // 0 times anything finite; NaN from the first pivot on that is not.
  let poison = 0;
  for (let k = 0; k < n; k++) {
    let pivotRow = k;
    for (let i = k + 1; i < n; i++) {
      // A NaN is never chosen over a number; it ends up in a later pivot.
      const best = Math.abs(a[pivotRow * n + k] as number);
      if (Math.abs(a[i * n + k] as number) > (Number.isNaN(best) ? 0 : best)) pivotRow = i;
    }
    if (pivotRow !== k) {
      exchangeRows(a, n, k, pivotRow);
      const row = order[k] as number;
      order[k] = order[pivotRow] as number;
      order[pivotRow] = row;
      sign = -sign;
    }
    const pivot = a[k * n + k] as number;
    sign *= Math.sign(pivot);
    logAbsDet += Math.log(Math.abs(pivot));
    poison += 0 * pivot;
    for (let i = k + 1; i < n; i++) {
      const below = a[i * n + k] as number;
      // Under a pivot of 0 there are only zeros, and NaN.
      const multiplier = pivot === 0 ? below : below / pivot;
      a[i * n + k] = multiplier;
      for (let j = k + 1; j < n; j++) {
        a[i * n + j] = (a[i * n + j] as number) - multiplier * (a[k * n + j] as number);
      }
    }
  }
  return { sign: sign + poison, logAbsDet: logAbsDet + poison };
}

function exchangeRows(a: Float64Array, n: number, first: number, second: number): void {
  const kept = a.slice(first * n, (first + 1) * n);
  a.copyWithin(first * n, second * n, (second + 1) * n);
  a.set(kept, second * n);
}

/** X [batch, n, columns] of A X = B, or of Aᵀ X = B, for the factors of A. */
export function luSolve(
  { lu, order }: { readonly lu: ArrayLike<number>; readonly order: ArrayLike<number> },
  { batch, n, transpose }: { readonly batch: number; readonly n: number; readonly transpose: boolean },
  right: RightSides,
): Float32Array {
  const { columns } = right;
  const out = new Float32Array(batch * n * columns);
  const x = new Float64Array(n * columns);
  for (let index = 0; index < batch; index++) {
    const factors = { values: lu, at: index * n * n, n };
    const from = index * n * columns;
    for (let i = 0; i < n; i++) {
      const row = transpose ? i : (order[index * n + i] as number);
      for (let c = 0; c < columns; c++) {
        x[i * columns + c] = right.values[from + row * columns + c] as number;
      }
    }
    substitute(factors, { lower: !transpose, unitDiagonal: !transpose, transpose }, x, columns);
    substitute(factors, { lower: transpose, unitDiagonal: transpose, transpose }, x, columns);
    for (let i = 0; i < n; i++) {
      const row = transpose ? (order[index * n + i] as number) : i;
      out.set(x.subarray(i * columns, (i + 1) * columns), from + row * columns);
    }
  }
  return out;
}

/** X [batch, n, columns] of T X = B, or of Tᵀ X = B, for the triangles T of the matrices. */
export function triangularSolve(
  { values, batch, n }: Matrices,
  triangle: Triangle,
  right: RightSides,
): Float32Array {
  const size = n * right.columns;
  const out = new Float32Array(batch * size);
  const x = new Float64Array(size);
  for (let index = 0; index < batch; index++) {
    for (let i = 0; i < size; i++) x[i] = right.values[index * size + i] as number;
    substitute({ values, at: index * n * n, n }, triangle, x, right.columns);
    out.set(x, index * size);
  }
  return out;
}

/** Solves in place, from the row of the triangle that has one entry on. */
function substitute(
  { values, at, n }: { readonly values: ArrayLike<number>; readonly at: number; readonly n: number },
  { lower, unitDiagonal, transpose }: Triangle,
  x: Float64Array,
  columns: number,
): void {
  const entry = (i: number, j: number) => values[at + (transpose ? j * n + i : i * n + j)] as number;
  const downwards = lower !== transpose;
  for (let step = 0; step < n; step++) {
    const i = downwards ? step : n - 1 - step;
    for (let before = 0; before < step; before++) {
      const k = downwards ? before : n - 1 - before;
      const factor = entry(i, k);
      for (let c = 0; c < columns; c++) {
        x[i * columns + c] = (x[i * columns + c] as number) - factor * (x[k * columns + c] as number);
      }
    }
    if (unitDiagonal) continue;
    const diagonal = entry(i, i);
    for (let c = 0; c < columns; c++) x[i * columns + c] = (x[i * columns + c] as number) / diagonal;
  }
}
