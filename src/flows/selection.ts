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

  apply(x: Tensor2D): Tensor2D {
    return tf.matMul(x, tf.tensor2d(this.#values, this.#shape));
  }
}
