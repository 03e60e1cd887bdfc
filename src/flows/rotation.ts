import type { ParameterDefinition } from './bijection.js';

/**
 * First values of a matrix `lu` [dim, dim], as LuLinear holds it, that make the product of its factors a
 * random rotation or reflection (Kingma and Dhariwal 2018, section 3.2).
 *
 * A random rotation W has factors P L U with pivoting, U's diagonal of both signs. Glow keeps P and the
 * signs D beside L and U. But W's rows in another order and with other signs are a rotation as random
 * as W, up to a reflection, and the right order and signs, D Pᵀ W = (D L D) (D U), have factors without
 * either.
 */
export function rotationFactors(dim: number): ParameterDefinition['initialise'] {
  return (values, normal) => {
    normal(values);
    const matrix = Float64Array.from(values);
    orthonormalise(matrix, dim);
    eliminate(matrix, dim);
    const signs = Array.from({ length: dim }, (_, i) => Math.sign(matrix[i * dim + i] as number));
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) {
        const factor = matrix[i * dim + j] as number;
        const signed = factor * (signs[i] as number) * (j < i ? (signs[j] as number) : 1);
        values[i * dim + j] = i === j ? Math.log(signed) : signed;
      }
    }
  };
}

/** Rows made orthonormal one after the other; the second pass takes away what rounding left of the first. */
function orthonormalise(matrix: Float64Array, dim: number): void {
  const rows = Array.from({ length: dim }, (_, i) => matrix.subarray(i * dim, (i + 1) * dim));
  rows.forEach((row, i) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows.slice(0, i)) {
        const along = row.reduce((sum, value, k) => sum + value * (other[k] as number), 0);
        for (let k = 0; k < dim; k++) row[k] = (row[k] as number) - along * (other[k] as number);
      }
      const length = Math.hypot(...row);
      for (let k = 0; k < dim; k++) row[k] = (row[k] as number) / length;
    }
  });
}

/** L below the diagonal and U on and above it, in place, of the matrix with its rows in the order of the pivots. */
function eliminate(matrix: Float64Array, dim: number): void {
  const at = (i: number, j: number) => matrix[i * dim + j] as number;
  for (let k = 0; k < dim; k++) {
    let pivot = k;
    for (let i = k + 1; i < dim; i++) if (Math.abs(at(i, k)) > Math.abs(at(pivot, k))) pivot = i;
    for (let j = 0; j < dim; j++) {
      const kept = at(k, j);
      matrix[k * dim + j] = at(pivot, j);
      matrix[pivot * dim + j] = kept;
    }
    for (let i = k + 1; i < dim; i++) {
      const factor = at(i, k) / at(k, k);
      matrix[i * dim + k] = factor;
      for (let j = k + 1; j < dim; j++) matrix[i * dim + j] = at(i, j) - factor * at(k, j);
    }
  }
}
