import { type Tensor2D, tf } from '../tf.js';
import { splitSizes } from './splitSizes.js';

/** X of L X = B by forward substitution, L [d, d] lower triangular with no zero on its diagonal. */
export function solveLower(lower: Tensor2D, right: Tensor2D): Tensor2D {
  const d = right.shape[0];
  const rows = rowsOf(lower);
  const targets = rowsOf(right);
  const solved: Tensor2D[] = [];
  for (let i = 0; i < d; i++) {
    const [before, pivot] = tf.split(rows[i] as Tensor2D, [i, 1, d - 1 - i], 1) as [Tensor2D, Tensor2D];
    let known = targets[i] as Tensor2D;
    if (i > 0) known = tf.sub(known, tf.matMul(before, tf.concat(solved, 0)));
    solved.push(tf.div(known, pivot));
  }
  return tf.concat(solved, 0);
}

/** X of U X = B by backward substitution, U [d, d] upper triangular with no zero on its diagonal. */
export function solveUpper(upper: Tensor2D, right: Tensor2D): Tensor2D {
  const d = right.shape[0];
  const rows = rowsOf(upper);
  const targets = rowsOf(right);
  const solved: Tensor2D[] = [];
  for (let i = d - 1; i >= 0; i--) {
    const [, pivot, after] = tf.split(rows[i] as Tensor2D, [i, 1, d - 1 - i], 1) as Tensor2D[];
    let known = targets[i] as Tensor2D;
    if (solved.length > 0) known = tf.sub(known, tf.matMul(after as Tensor2D, tf.concat(solved, 0)));
    solved.unshift(tf.div(known, pivot as Tensor2D));
  }
  return tf.concat(solved, 0);
}

function rowsOf(matrix: Tensor2D): Tensor2D[] {
  return splitSizes(matrix, new Array<number>(matrix.shape[0]).fill(1), 0);
}
