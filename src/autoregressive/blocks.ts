import { PushforwardError } from '../errors.js';
import { type Tensor2D, tf } from '../tf.js';

/** Sizes of K categorical variables laid side by side as blocks of one-hot columns. */
export class Blocks {
  readonly cardinalities: readonly number[];
  /** K, the number of variables. */
  readonly variables: number;
  /** C, the number of levels of all variables. */
  readonly width: number;
  /** First column of each block. */
  readonly offsets: readonly number[];
  readonly #members: Float32Array;
  readonly #levels: Float32Array;

  /** @throws PushforwardError `usage` for no variables, or one without levels. */
  constructor(cardinalities: readonly number[]) {
    if (cardinalities.length === 0 || cardinalities.some((m) => !Number.isSafeInteger(m) || m < 1)) {
      throw new PushforwardError('usage', `[${cardinalities.join(', ')}] are no numbers of levels`, {
        mend: 'give at least one variable, each with at least one level',
      });
    }
    this.cardinalities = [...cardinalities];
    this.variables = cardinalities.length;
    let width = 0;
    this.offsets = cardinalities.map((m) => {
      width += m;
      return width - m;
    });
    this.width = width;
    this.#members = new Float32Array(this.variables * width);
    this.#levels = new Float32Array(width);
    cardinalities.forEach((m, k) => {
      const offset = this.offsets[k] as number;
      for (let level = 0; level < m; level++) {
        this.#members[k * width + offset + level] = 1;
        this.#levels[offset + level] = level;
      }
    });
  }

  /** The 0/1 matrix [K, C] that says which columns are whose. */
  members(): Tensor2D {
    return tf.tensor2d(this.#members, [this.variables, this.width]);
  }

  /** Codes [n, K] to one-hot [n, C]; the block of a code that is no level is all zeros. */
  oneHot(codes: Tensor2D): Tensor2D {
    return tf.tidy(() => {
      const spread = tf.matMul(tf.cast(codes, 'float32'), this.members());
      return tf.cast(tf.equal(spread, tf.tensor1d(this.#levels)), 'float32') as Tensor2D;
    });
  }

  /**
   * The same for codes in host memory, [n·K] to [n·C].
   * @throws PushforwardError `input` for a code that is no level, `shape` for a part of a row.
   */
  oneHotRows(codes: Int32Array): Float32Array {
    const rows = codes.length / this.variables;
    if (!Number.isInteger(rows)) {
      throw new PushforwardError('shape', `${codes.length} codes are no rows of ${this.variables}`);
    }
    const out = new Float32Array(rows * this.width);
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < this.variables; k++) {
        const code = codes[i * this.variables + k] as number;
        const levels = this.cardinalities[k] as number;
        if (code < 0 || code >= levels) {
          const where = `row ${i}, variable ${k}`;
          throw new PushforwardError('input', `code ${code} is not one of ${levels} levels`, { where });
        }
        out[i * this.width + (this.offsets[k] as number) + code] = 1;
      }
    }
    return out;
  }
}
