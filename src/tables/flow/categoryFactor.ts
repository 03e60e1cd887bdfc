import type { AutoregressiveCategorical } from '../../autoregressive/categorical.js';
import { tf } from '../../tf.js';
import type { Trainable } from '../../trainable.js';

/** The factor p(codes) of a table's law, over the codes of its training and validation rows. */
export class CategoryFactor implements Trainable {
  readonly name = 'categories';
  readonly parameters;
  readonly #law: AutoregressiveCategorical;
  readonly #codes: Int32Array;
  readonly #validation: Int32Array;
  readonly #variables: number;

  /** `training` and `validation` are codes, [rows, K], row-major. */
  constructor(law: AutoregressiveCategorical, training: Int32Array, validation: Int32Array) {
    this.#law = law;
    this.#codes = training;
    this.#validation = validation;
    this.#variables = law.blocks.variables;
    this.parameters = law.parameters;
  }

  startEpoch(): void {}

  valueAndGradient(rows: Int32Array, gradient: Float32Array): number {
    return this.#law.valueAndGrad(this.#gather(rows), gradient);
  }

  validationLoss(): number {
    return tf.tidy(() => {
      const codes = tf.tensor2d(
        this.#validation,
        [this.#validation.length / this.#variables, this.#variables],
        'int32',
      );
      return -(tf.mean(this.#law.logProb(codes)).dataSync()[0] as number);
    });
  }

  locateNonFinite(): string {
    return this.#law.locateNonFinite() ?? 'the gradient of the logits';
  }

  #gather(rows: Int32Array): Int32Array {
    const width = this.#variables;
    const batch = new Int32Array(rows.length * width);
    rows.forEach((row, i) => {
      for (let k = 0; k < width; k++) batch[i * width + k] = this.#codes[row * width + k] as number;
    });
    return batch;
  }
}
