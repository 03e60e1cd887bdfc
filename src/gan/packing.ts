import { PushforwardError } from '../errors.js';
import { type Tensor, tf } from '../tf.js';

/**
 * Joins rows to packs (PacGAN; Lin, Khetan, Fanti and Oh 2018): [m·n, ..., c] to [n, ..., m·c], pack i being the rows
 * i, n + i, 2n + i, … side by side in their last axis. Rows that are independent of each other make packs that are.
 * With m = 1 they are the rows themselves.
 * @throws PushforwardError `shape` when the rows are no multiple of m.
 */
export function pack(rows: Tensor, m: number): Tensor {
  const n = rows.shape[0] as number;
  if (n % m !== 0) {
    throw new PushforwardError('shape', `${n} rows cannot be packed by ${m}`, {
      mend: `give ${Math.max(m, n - (n % m))}`,
    });
  }
  return m === 1 ? tf.clone(rows) : tf.tidy(() => tf.concat(tf.split(rows, m, 0), -1));
}

/** Shape of one pack of m rows. */
export function packedShape(shape: readonly number[], m: number): number[] {
  return [...shape.slice(0, -1), m * (shape.at(-1) ?? 1)];
}
