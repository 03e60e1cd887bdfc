import { LU_FACTOR } from '../backend/hostKernels.js';
import { type Tensor, tf } from '../tf.js';
import { checkSquare, runKernel, type TriangularOptions } from './factorisation.js';
import { inverseBy } from './solve.js';

/** The determinant of each matrix of a batch. */
export interface LogDeterminant {
  /** [...]: 1 or −1; 0 where the matrix is singular to working precision. It has no gradient. */
  readonly sign: Tensor;
  /** [...]: log|det|, a natural logarithm; −∞ where the matrix is singular. */
  readonly logAbsDet: Tensor;
}

/**
 * Sign and logarithm of the determinants by LU with partial pivoting, where the determinant itself would
 * overflow; differentiable any number of times (d log|det A| = tr(A⁻¹ dA)).
 *
 * The determinant of matrices of size 0 is 1. Both results are NaN where an entry is NaN or infinite, and
 * gradients are not finite where a matrix is singular.
 *
 * @param a [..., n, n], float32
 * @throws PushforwardError `shape` for other shapes or types.
 */
export function logAbsDeterminant(a: Tensor): LogDeterminant {
  checkSquare(a, 'logAbsDeterminant');
  return tf.tidy(() => {
    const [, , sign, logAbsDet] = runKernel(LU_FACTOR, { a }) as [Tensor, Tensor, Tensor, Tensor];
    return { sign, logAbsDet };
  });
}

/**
 * Sign and logarithm of the determinants of triangles: sums over the diagonals. With `unitDiagonal` they
 * are 1 and 0.
 *
 * @param t [..., n, n], float32; only its diagonal is read
 * @throws PushforwardError `shape` for other shapes or types.
 */
export function triangularLogDeterminant(
  t: Tensor,
  { unitDiagonal = false }: Pick<TriangularOptions, 'unitDiagonal'> = {},
): LogDeterminant {
  const n = checkSquare(t, 'triangularLogDeterminant');
  const batch = t.shape.slice(0, -2);
  return tf.tidy(() => {
    if (n === 0 || unitDiagonal) return { sign: tf.ones(batch), logAbsDet: tf.zeros(batch) };
    const entries = diagonals(t, n);
    const sum = tf.sum(tf.log(tf.abs(entries)), -1);
    return {
      sign: tf.reshape(tf.prod(tf.sign(entries), -1), batch),
      logAbsDet: tf.reshape(sum, batch),
    };
  });
}

/** The diagonals [batch, n] of matrices [..., n, n], in ops that read nothing else. */
function diagonals(matrices: Tensor, n: number): Tensor {
  const batch = tf.util.sizeFromShape(matrices.shape.slice(0, -2));
  const flat = tf.reshape(matrices, [batch, n * n]);
  // n − 1 pieces of n + 1 entries begin with a diagonal entry each; the last one ends the matrix.
  const pieces = tf.reshape(tf.slice(flat, [0, 0], [batch, n * n - 1]), [batch, n - 1, n + 1]);
  const first = tf.reshape(tf.slice(pieces, [0, 0, 0], [batch, n - 1, 1]), [batch, n - 1]);
  return tf.concat([first, tf.slice(flat, [0, n * n - 1], [batch, 1])], 1);
}

// The factors that the gradient saves are constants on the tape, and the inverse's own gradient is in
// terms of the matrix: so the second derivative is that of the inverse, and so on.
if (tf.getGradient(LU_FACTOR) === undefined) {
  tf.registerGradient({
    kernelName: LU_FACTOR,
    inputsToSave: ['a'],
    outputsToSave: [true, true, false, false],
    gradFunc: (dys, saved) => {
      const [a, lu, order] = saved as [Tensor, Tensor, Tensor];
      const dLogAbsDet = (dys as Tensor[])[3] as Tensor;
      return {
        a: () => {
          const weight = tf.reshape(dLogAbsDet, [...dLogAbsDet.shape, 1, 1]);
          return tf.mul(inverseBy(a, true, { lu, order }), weight);
        },
      };
    },
  });
}
