import { PushforwardError } from '../../errors.js';
import type { Random } from '../../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../tf.js';
import type { Likelihood, LikelihoodConfig, LikelihoodSupport } from './likelihood.js';
import { sumOfRows, uniformsLike, widened } from './rows.js';

export interface CategoricalLikelihoodOptions {
  /** How many levels each number of x may take, 0 to levels − 1; at least 2. */
  readonly levels: number;
}

/**
 * Numbers 0, 1, … levels − 1, each with a probability of its own, softmax(logits): the levels of a
 * category, or of a pixel. The decoder puts out `levels` logits for each number of x, those of one number
 * side by side, [..., c·levels]. What is no level has probability 0.
 */
export class CategoricalLikelihood implements Likelihood {
  readonly kind = 'categorical';
  readonly parameters = [];
  readonly support: Required<LikelihoodSupport>;
  readonly levels: number;

  /** @throws PushforwardError `usage` for fewer than two levels. */
  constructor({ levels }: CategoricalLikelihoodOptions) {
    if (!Number.isSafeInteger(levels) || levels < 2) {
      throw new PushforwardError('usage', `a categorical law of ${levels} levels`, {
        mend: 'give a whole number from 2',
      });
    }
    this.levels = levels;
    this.support = { low: 0, high: levels - 1, step: 1 };
  }

  outputShape(shape: readonly number[]): number[] {
    return widened(shape, this.levels);
  }

  logProb(x: Tensor, outputs: Tensor): Tensor1D {
    return tf.tidy(() => {
      // By a comparison, so that what is no level, NaN included, is none of them.
      const oneHot = tf.cast(tf.equal(tf.reshape(x, [x.size, 1]), this.#codes()), 'float32');
      const chosen = tf.sum(tf.mul(tf.logSoftmax(this.#logits(outputs)), oneHot), 1);
      const known = tf.log(tf.sum(oneHot, 1));
      return sumOfRows(tf.reshape(tf.add(chosen, known), x.shape));
    });
  }

  /** The mean level, which says something where levels are ordered. */
  mean(outputs: Tensor): Tensor {
    return tf.tidy(() => {
      const probabilities = tf.softmax(this.#logits(outputs));
      return tf.reshape(tf.sum(tf.mul(probabilities, this.#codes()), 1), this.#shape(outputs));
    });
  }

  /** The greatest of logits plus Gumbel noise (Gumbel 1954). */
  sample(outputs: Tensor, _parameters: readonly Tensor[], random: Random): Tensor {
    return tf.tidy(() => {
      const logits = this.#logits(outputs);
      const gumbel = tf.neg(tf.log(tf.neg(tf.log(uniformsLike(logits, random)))));
      const codes = tf.argMax(tf.add(logits, gumbel), 1);
      return tf.reshape(tf.cast(codes, 'float32'), this.#shape(outputs));
    });
  }

  toJSON(): LikelihoodConfig {
    return { kind: this.kind, levels: this.levels };
  }

  /** [numbers, levels]. */
  #logits(outputs: Tensor): Tensor2D {
    return tf.reshape(outputs, [outputs.size / this.levels, this.levels]);
  }

  #codes(): Tensor1D {
    return tf.range(0, this.levels);
  }

  /** The shape of the data that outputs belong to, rows included. */
  #shape({ shape }: Tensor): number[] {
    return shape.map((size, axis) => (axis === shape.length - 1 ? size / this.levels : size));
  }
}
