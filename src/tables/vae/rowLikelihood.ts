import { blocksLogProb, boundedLogits, drawBlocks } from '../../autoregressive/logits.js';
import type { Likelihood, LikelihoodConfig } from '../../distributions/likelihoods/likelihood.js';
import { PushforwardError } from '../../errors.js';
import { boundedLogScale } from '../../nn/logScale.js';
import type { Random } from '../../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../tf.js';
import type { RowFeatures } from '../features.js';
import { presence } from '../layout.js';

/** Greatest absolute log-scale of a number: below e^−5 of its spread a decoder would only follow single values. */
const LOG_SCALE_BOUND = 5;

/** What a decoder says of rows. */
interface RowOutputs {
  /** Means and log-scales of the transformed numbers, [n, d]. */
  readonly mean: Tensor2D | undefined;
  readonly logScale: Tensor2D | undefined;
  /** Bounded logits of the levels, [n, C]. */
  readonly logits: Tensor2D | undefined;
}

/**
 * The law of a row's features given its code z: independent given z, each categorical variable with a softmax, each
 * number normal with a mean and a scale of its own, where its state says that it is there; a number that is absent has
 * no part in it. A decoder puts out means [d], log-scales [d] and logits [C] side by side.
 */
export class RowLikelihood implements Likelihood {
  readonly kind = 'row';
  readonly parameters = [];
  readonly support = null;
  readonly #features: RowFeatures;

  constructor(features: RowFeatures) {
    this.#features = features;
  }

  outputShape(shape: readonly number[]): number[] {
    const { width, numbers } = this.#features;
    if (shape.length !== 1 || shape[0] !== width) {
      throw new PushforwardError('shape', `data of shape [${shape}] for a law of rows of ${width}`);
    }
    return [width + numbers];
  }

  logProb(x: Tensor, outputs: Tensor): Tensor1D {
    const { blocks, layout } = this.#features;
    return tf.tidy(() => {
      const { y, oneHot } = this.#features.split(x as Tensor2D);
      const { mean, logScale, logits } = this.#parts(outputs as Tensor2D);
      const terms: Tensor1D[] = [];
      if (blocks !== null && oneHot !== undefined) {
        terms.push(blocksLogProb(blocks, oneHot, logits as Tensor2D));
      }
      if (y !== undefined && mean !== undefined && logScale !== undefined) {
        const u = tf.mul(tf.sub(y, mean), tf.exp(tf.neg(logScale)));
        const each = tf.add(tf.add(tf.mul(0.5, tf.square(u)), logScale), 0.5 * Math.log(2 * Math.PI));
        const present = presence(layout, blocks, oneHot);
        const own: Tensor1D = tf.sum(present === null ? each : tf.mul(each, present), 1);
        terms.push(tf.neg(own));
      }
      return tf.addN(terms);
    });
  }

  /** Means of the numbers where they are likelier there than not, and probabilities of the levels. */
  mean(outputs: Tensor): Tensor {
    const { blocks, layout } = this.#features;
    return tf.tidy(() => {
      const { mean, logits } = this.#parts(outputs as Tensor2D);
      if (logits === undefined || blocks === null) return tf.clone(mean as Tensor2D);
      const weights = tf.exp(logits);
      const sums = tf.matMul(tf.matMul(weights, blocks.members(), false, true), blocks.members());
      const probabilities = tf.div(weights, sums) as Tensor2D;
      if (mean === undefined) return probabilities;
      const present = presence(layout, blocks, probabilities);
      const own = present === null ? mean : tf.mul(mean, tf.cast(tf.greater(present, 0.5), 'float32'));
      return tf.concat([own, probabilities], 1);
    });
  }

  sample(outputs: Tensor, _parameters: readonly Tensor[], random: Random): Tensor {
    const { blocks, layout } = this.#features;
    return tf.tidy(() => {
      const n = outputs.shape[0] as number;
      const noise = tf.tensor2d(random.normal(new Float32Array(n * this.noiseDim)), [n, this.noiseDim]);
      const { y, oneHot } = this.fromNormal(outputs as Tensor2D, noise);
      const present = presence(layout, blocks, oneHot);
      const parts = [present === null || y === undefined ? y : tf.mul(y, present), oneHot];
      return tf.concat(
        parts.filter((part) => part !== undefined),
        1,
      );
    });
  }

  /** Standard normals that `fromNormal` makes one row of. */
  get noiseDim(): number {
    return this.#features.numbers + (this.#features.blocks?.variables ?? 0);
  }

  /** A draw as a map of noise [n, noiseDim] ~ N(0, I), that of the codes first; traceable. */
  fromNormal(
    outputs: Tensor2D,
    noise: Tensor2D,
  ): { codes: Tensor2D | undefined; oneHot: Tensor2D | undefined; y: Tensor2D | undefined } {
    const { blocks, numbers } = this.#features;
    const { mean, logScale, logits } = this.#parts(outputs);
    const variables = blocks?.variables ?? 0;
    const ofCodes: Tensor2D = tf.slice2d(noise, [0, 0], [-1, variables]);
    const ofNumbers: Tensor2D = tf.slice2d(noise, [0, variables], [-1, numbers]);
    const drawn = blocks === null || logits === undefined ? null : drawBlocks(blocks, logits, ofCodes);
    const y =
      mean === undefined || logScale === undefined
        ? undefined
        : (tf.add(mean, tf.mul(tf.exp(logScale), ofNumbers)) as Tensor2D);
    return { codes: drawn?.codes, oneHot: drawn?.oneHot, y };
  }

  /** The likeliest level of each variable, int32 [n, K], and the mean of each number [n, d]; traceable. */
  likeliest(outputs: Tensor2D): { codes: Tensor2D | undefined; y: Tensor2D | undefined } {
    const { mean, logits } = this.#parts(outputs);
    return { codes: logits && this.#features.likeliest(logits), y: mean };
  }

  toJSON(): LikelihoodConfig {
    return { kind: this.kind };
  }

  #parts(outputs: Tensor2D): RowOutputs {
    const { numbers: d, blocks } = this.#features;
    const sizes = [...(d > 0 ? [d, d] : []), ...(blocks === null ? [] : [blocks.width])];
    const parts = sizes.length === 1 ? [outputs] : (tf.split(outputs, sizes, 1) as Tensor2D[]);
    const [mean, raw] = d > 0 ? parts : [];
    const logits = blocks === null ? undefined : boundedLogits(parts.at(-1) as Tensor2D);
    const logScale = raw === undefined ? undefined : boundedLogScale(raw, LOG_SCALE_BOUND);
    return { mean, logScale, logits };
  }
}
