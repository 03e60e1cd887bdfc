/** Calls of the kernels for square systems, which tfjs itself has none of. */
import { LU_FACTOR, LU_SOLVE, TRIANGULAR_SOLVE } from '../../../src/backend/hostKernels.js';
import { luFactor } from '../../../src/backend/hostLinearAlgebra.js';
import { type Input, type KernelCase, normals } from './inputs.js';

const SIZES: readonly number[] = [1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 48, 64, 65, 130];

/** Matrices [batch, n, n] whose largest entries, one a row and column, leave no doubt about pivots. */
export function wellConditioned(batch: number, n: number): Input {
  const input = normals([batch, n, n], 1);
  for (let m = 0; m < batch; m++) {
    for (let i = 0; i < n; i++) {
      const at = (m * n + i) * n + ((i + m) % n);
      input.values[at] = (input.values[at] as number) + 3 * n;
    }
  }
  return input;
}

/** The factors of such matrices, as the kernel that solves with them takes them. */
export function factorsOf(batch: number, n: number): Record<'lu' | 'order', Input> {
  const { lu, order } = luFactor({ values: wellConditioned(batch, n).values, batch, n });
  return {
    lu: { dtype: 'float32', shape: [batch, n, n], values: lu },
    order: { dtype: 'int32', shape: [batch, n], values: order },
  };
}

const batchOf = (n: number): number => (n <= 17 ? 35 : n <= 48 ? 17 : 2);
const FLAGS = [false, true];

export const LINEAR_ALGEBRA: readonly KernelCase[] = SIZES.flatMap((n) => {
  const batch = batchOf(n);
  const tolerance = { relative: 1e-5, absolute: 1e-5 };
  return [
    { kernel: LU_FACTOR, inputs: { a: wellConditioned(batch, n) }, attrs: {}, tolerance },
    ...FLAGS.flatMap((transpose) =>
      [1, 6, 18].flatMap((columns) => {
        const b = normals([batch, n, columns], 2);
        return [
          { kernel: LU_SOLVE, inputs: { ...factorsOf(batch, n), b }, attrs: { transpose }, tolerance },
          ...FLAGS.flatMap((lower) =>
            FLAGS.map((unitDiagonal) => ({
              kernel: TRIANGULAR_SOLVE,
              // Off the diagonal at most 3: a triangle of such numbers and ones would be ill-conditioned.
              inputs: { t: scaled(factorsOf(batch, n).lu, unitDiagonal ? 1 / (30 * n) : 1), b },
              attrs: { lower, unitDiagonal, transpose },
              tolerance,
            })),
          ),
        ];
      }),
    ),
  ];
});

function scaled(input: Input, factor: number): Input {
  return { ...input, values: (input.values as Float32Array).map((x) => factor * x) };
}
