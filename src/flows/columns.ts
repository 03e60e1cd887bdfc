import { PushforwardError } from '../errors.js';
import { type Tensor2D, tf } from '../tf.js';

/** Columns put elsewhere, as a product with a 0/1 matrix [from, to] that has ones at `entries`. */
export class Selection {
  readonly #values: Float32Array;
  readonly #shape: [number, number];

  constructor(from: number, to: number, entries: readonly (readonly [number, number])[]) {
    this.#shape = [from, to];
    this.#values = new Float32Array(from * to);
    for (const [row, column] of entries) this.#values[row * to + column] = 1;
  }

  /** Picks these columns of `dim`, in this order. */
  static of(dim: number, columns: readonly number[]): Selection {
    return new Selection(
      dim,
      columns.length,
      columns.map((column, k) => [column, k]),
    );
  }

  apply(x: Tensor2D): Tensor2D {
    return tf.matMul(x, tf.tensor2d(this.#values, this.#shape));
  }
}

/** @throws PushforwardError `usage` when the two lists do not hold each of `dim` dimensions once. */
export function checkParts(dim: number, identity: readonly number[], transformed: readonly number[]): void {
  const all = [...identity, ...transformed].sort((a, b) => a - b);
  if (transformed.length === 0 || all.length !== dim || all.some((column, i) => column !== i)) {
    throw new PushforwardError(
      'usage',
      `identity [${identity.join(', ')}] and transformed [${transformed.join(', ')}] do not part ${dim} dimensions`,
      { mend: `put each of 0 to ${dim - 1} in one of them, and at least one in transformed` },
    );
  }
}

/** @throws PushforwardError `usage` when the list does not hold some of `dim` dimensions, each once. */
export function checkColumns(dim: number, columns: readonly number[]): void {
  const isThere = (column: number) => Number.isInteger(column) && column >= 0 && column < dim;
  if (columns.length > 0 && columns.every(isThere) && new Set(columns).size === columns.length) return;
  throw new PushforwardError('usage', `[${columns}] are no columns of ${dim} dimensions`, {
    mend: `give at least one of 0 to ${dim - 1}, each once`,
  });
}
