import {
  ensureHostKernels,
  LU_FACTOR,
  type LU_SOLVE,
  type TRIANGULAR_SOLVE,
} from '../backend/hostKernels.js';
import { PushforwardError } from '../errors.js';
import { type Tensor, tf } from '../tf.js';

/** The LU factors with partial pivoting of matrices [..., n, n], and what the determinant is of them. */
export interface Factors {
  /** [..., n, n]: strictly below the diagonal L, whose diagonal is 1; from the diagonal on U. */
  readonly lu: Tensor;
  /** [..., n], int32: row i of L U is row order[i] of the matrix. */
  readonly order: Tensor;
}

/** Which triangle of a matrix is meant, and how; nothing of the matrix beyond it is read. */
export interface TriangularOptions {
  /** Whether the triangle lies below the diagonal; the one above it otherwise. Default true. */
  readonly lower?: boolean;
  /** Whether the diagonal counts as ones and is not read. Default false. */
  readonly unitDiagonal?: boolean;
}

// The recorder of ONNX traces takes over what the CPU backend has when the first trace starts.
ensureHostKernels('cpu');

/** Runs one of the linear algebra kernels, on whatever backend is in use. */
export function runKernel(
  kernel: typeof LU_FACTOR | typeof LU_SOLVE | typeof TRIANGULAR_SOLVE,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: Readonly<Record<string, boolean>> = {},
): Tensor | Tensor[] {
  // Where nobody has chosen a backend, this chooses one.
  tf.backend();
  ensureHostKernels(tf.getBackend());
  return tf.engine().runKernel(kernel, { ...inputs }, { ...attributes }) as Tensor | Tensor[];
}

/** The factors without the determinant: no function of `a` for a gradient when called inside an op. */
export function factorise(a: Tensor): Factors {
  const [lu, order] = runKernel(LU_FACTOR, { a }) as [Tensor, Tensor];
  return { lu, order };
}

/** The number n of square matrices [..., n, n]. */
export function checkSquare(a: Tensor, where: string): number {
  checkFloats(a, where);
  const [rows, columns] = a.shape.slice(-2);
  if (a.rank < 2 || rows !== columns) {
    throw new PushforwardError('shape', `a tensor [${a.shape}] holds no square matrices`, {
      where,
      mend: 'give a tensor [..., n, n]',
    });
  }
  return rows as number;
}

/** Refuses right-hand sides that are not [..., n, k] for matrices [..., n, n]. */
export function checkRightSides(a: Tensor, b: Tensor, where: string): void {
  checkFloats(b, where);
  const fits = b.rank === a.rank && a.shape.slice(0, -1).every((size, axis) => size === b.shape[axis]);
  if (!fits) {
    throw new PushforwardError('shape', `right-hand sides [${b.shape}] do not fit matrices [${a.shape}]`, {
      where,
      mend: `give a tensor [${[...a.shape.slice(0, -1), 'k']}]; a single vector is one column`,
    });
  }
}

function checkFloats(tensor: Tensor, where: string): void {
  if (tensor.dtype === 'float32') return;
  throw new PushforwardError('shape', `the tensor is of type ${tensor.dtype}, not float32`, {
    where,
    mend: "convert it with tf.cast(x, 'float32')",
  });
}
