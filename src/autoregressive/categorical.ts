import { StandardNormal } from '../distributions/standardNormal.js';
import { PushforwardError } from '../errors.js';
import type { SampleOptions, TractableModel } from '../model.js';
import { type MaskedMlp, maskedMlp } from '../nn/maskedMlp.js';
import { FlatParameters, sliceOf } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf, type Variable } from '../tf.js';
import { Blocks } from './blocks.js';
import { decodeCodes } from './decode.js';
import { blocksLogProb, boundedLogits, frequencyOutputs } from './logits.js';

export interface AutoregressiveCategoricalOptions {
  /** Levels of each variable, in the order of the factorisation; each at least 1. */
  readonly cardinalities: readonly number[];
  /** Widths of the hidden layers. Default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Seed of the first weights. Default 0. */
  readonly seed?: number;
}

/**
 * The law of K categorical variables by the chain rule, p(c) = Π_k p(c_k | c_1 … c_{k−1}), all factors
 * by one masked network on one-hot codes (Germain et al. 2015). Batches are codes int32 [n, K], or
 * their one-hot form float32 [n, C], where C is the sum of the cardinalities.
 */
export class AutoregressiveCategorical implements TractableModel<Tensor2D> {
  readonly kind = 'autoregressiveCategorical';
  readonly blocks: Blocks;
  readonly parameters: FlatParameters;
  readonly #network: MaskedMlp;
  readonly #masks: Float32Array;

  /** @throws PushforwardError `usage` for no variables, or one without levels. */
  constructor({ cardinalities, hidden = [64, 64], seed = 0 }: AutoregressiveCategoricalOptions) {
    this.blocks = new Blocks(cardinalities);
    this.#network = maskedMlp(cardinalities, hidden);
    this.parameters = new FlatParameters(this.#network.parameters, seed);
    this.#masks = new Float32Array(this.parameters.count);
    this.parameters.layout.forEach((slice, i) => {
      sliceOf(this.#masks, slice).set(this.#network.masks[i] as Float32Array);
    });
  }

  get variables(): readonly Variable[] {
    return [this.parameters.variable];
  }

  /** log p [n] in nats; −Infinity for a row of codes with one that is no level. */
  logProb(batch: Tensor2D): Tensor1D {
    const { variables, width } = this.blocks;
    const isCodes = batch.dtype === 'int32';
    if (batch.rank !== 2 || batch.shape[1] !== (isCodes ? variables : width)) {
      throw new PushforwardError('shape', `the batch is ${batch.dtype} [${batch.shape}]`, {
        mend: `give int32 codes [n, ${variables}] or a float32 one-hot [n, ${width}]`,
      });
    }
    return tf.tidy(() => {
      if (!isCodes) return this.#logProbOneHot(batch);
      const oneHot = this.blocks.oneHot(batch);
      const known = tf.greaterEqual(tf.sum(oneHot, 1), variables);
      // log 0 is −∞: what is no level has no probability.
      return tf.add(this.#logProbOneHot(oneHot), tf.log(tf.cast(known, 'float32')));
    });
  }

  /** Mean negative log-likelihood of the batch in nats. */
  losses(batch: Tensor2D): { negativeLogLikelihood: tf.Scalar } {
    return tf.tidy(() => ({ negativeLogLikelihood: tf.neg(tf.mean<tf.Scalar>(this.logProb(batch))) }));
  }

  /**
   * Mean negative log-likelihood in nats of codes in host memory [n·K], and its gradient w.r.t. the
   * parameters [count]; that of a masked weight is 0.
   * @throws PushforwardError `input` for a code that is no level, `shape` for no rows or a wrong length.
   */
  valueAndGrad(codes: Int32Array, gradient: Float32Array): number {
    if (codes.length === 0) throw new PushforwardError('shape', 'no rows to take a mean over');
    return tf.tidy(() => {
      const values = this.blocks.oneHotRows(codes);
      const oneHot = tf.tensor2d(values, [values.length / this.blocks.width, this.blocks.width]);
      return this.parameters.valueAndGradient(
        () => tf.neg(tf.mean<tf.Scalar>(this.#logProbOneHot(oneHot))),
        gradient,
      );
    });
  }

  /** Codes as one-hot columns [n, C], variable after variable. */
  oneHot(codes: Tensor2D): Tensor2D {
    return this.blocks.oneHot(codes);
  }

  /**
   * Codes int32 [n, K] from z [n, K], which pushes N(0, I) forward to this law, and their one-hot form
   * [n, C]. Traceable; no level without probability and none beyond the last ever comes out.
   */
  decode(z: Tensor2D): { codes: Tensor2D; oneHot: Tensor2D } {
    const { variables } = this.blocks;
    if (z.rank !== 2 || z.shape[1] !== variables) {
      throw new PushforwardError('shape', `z is [${z.shape}]`, { mend: `give float32 [n, ${variables}]` });
    }
    return tf.tidy(() => decodeCodes(z, this.#network.weights(this.#masked()), this.blocks));
  }

  /** n rows of codes int32 [n, K], drawn with `seed` (default 0). */
  sample(n: number, { seed = 0, temperature = 1 }: SampleOptions = {}): Tensor2D {
    const base = new StandardNormal(this.blocks.variables);
    return tf.tidy(() => this.decode(base.sample(n, { seed, temperature })).codes);
  }

  /**
   * Makes it the independent model of these codes [n·K]: each level as likely as it is frequent, half a
   * row added to each count, whatever the other variables say. The hidden layers keep their weights.
   * @throws PushforwardError `input` for a code that is no level, `shape` for a part of a row.
   */
  initialiseFrom(codes: Int32Array): void {
    const values = this.parameters.values();
    const [weight, bias, direct] = this.parameters.layout
      .slice(-3)
      .map((slice) => sliceOf(values, slice)) as [Float32Array, Float32Array, Float32Array];
    weight.fill(0);
    direct.fill(0);
    bias.set(frequencyOutputs(this.blocks, codes));
    this.parameters.assign(values);
  }

  /** The first place where a number is not finite, in words; null when all are. */
  locateNonFinite(): string | null {
    const parameter = this.parameters.nonFiniteSlice();
    return parameter === null ? null : `parameter ${parameter}`;
  }

  dispose(): void {
    this.parameters.dispose();
  }

  #logProbOneHot(oneHot: Tensor2D): Tensor1D {
    return blocksLogProb(this.blocks, oneHot, boundedLogits(this.#network.apply(oneHot, this.#masked())));
  }

  /** The parameters with the masks applied, all by one product. */
  #masked(): Tensor[] {
    return this.parameters.slices(tf.mul(this.parameters.variable, tf.tensor1d(this.#masks)));
  }
}
