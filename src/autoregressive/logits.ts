import { standardNormalCdf } from '../distributions/standardNormal.js';
import { type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Blocks } from './blocks.js';

/**
 * Greatest absolute logit. It is a soft bound, b · tanh(raw / b), and so there is no maximum to
 * subtract: weights exp(logit) lie between e^−40 and e^40, well within float32, and no level, however
 * rare, has a probability below e^−80 or rounded to 0.
 */
const LOGIT_BOUND = 40;
/** What a level is counted for before any row was seen (Jeffreys' prior), so that none has probability 0. */
const PRIOR_COUNT = 0.5;

/** A network's outputs as logits within the bound. */
export function boundedLogits(outputs: Tensor2D): Tensor2D {
  return tf.mul(tf.tanh(tf.mul(outputs, 1 / LOGIT_BOUND)), LOGIT_BOUND) as Tensor2D;
}

/**
 * log p [n] of one-hot codes [n, C] whose variables are independent, each with the softmax of its block of the bounded
 * logits [n, C], in nats. The blocks' sums are one product with a 0/1 matrix, so that the number of ops does not grow
 * with the number of variables.
 */
export function blocksLogProb(blocks: Blocks, oneHot: Tensor2D, logits: Tensor2D): Tensor1D {
  const sums = tf.matMul(tf.exp(logits), blocks.members(), false, true);
  const observed: Tensor1D = tf.sum(tf.mul(oneHot, logits), 1);
  const normaliser: Tensor1D = tf.sum(tf.log(sums), 1);
  return tf.sub(observed, normaliser);
}

/**
 * The outputs [C] that `boundedLogits` gives each level of codes [n·K] its frequency by, half a row added to each count.
 * @throws PushforwardError `input` for a code that is no level, `shape` for a part of a row.
 */
export function frequencyOutputs(blocks: Blocks, codes: Int32Array): Float32Array {
  const { variables, width, cardinalities, offsets } = blocks;
  const counts = new Float64Array(width).fill(PRIOR_COUNT);
  blocks.oneHotRows(codes).forEach((one, i) => {
    counts[i % width] = (counts[i % width] as number) + one;
  });
  const outputs = new Float32Array(width);
  for (let k = 0; k < variables; k++) {
    const offset = offsets[k] as number;
    const levels = counts.subarray(offset, offset + (cardinalities[k] as number));
    // Relative to the commonest level, logits are as near to 0 as they can be, where the bound is weak.
    const most = levels.reduce((greatest, count) => Math.max(greatest, count), 0);
    levels.forEach((count, level) => {
      outputs[offset + level] = LOGIT_BOUND * Math.atanh(Math.log(count / most) / LOGIT_BOUND);
    });
  }
  return outputs;
}

/** Codes int32 [n, K] by bounded logits [n, C] and noise z [n, K] ~ N(0, 1), and their one-hot form [n, C]; traceable. */
export function drawBlocks(
  { cardinalities, variables }: Blocks,
  logits: Tensor2D,
  z: Tensor2D,
): { codes: Tensor2D; oneHot: Tensor2D } {
  const own = tf.split(logits, [...cardinalities], 1);
  const uniforms = tf.split(standardNormalCdf(z), variables, 1);
  const drawn = own.map((block, k) => invertCdf(uniforms[k] as Tensor2D, block as Tensor2D));
  const side = (parts: Tensor2D[]): Tensor2D => tf.concat(parts, 1);
  return {
    codes: tf.cast(side(drawn.map(({ code }) => code)), 'int32'),
    oneHot: side(drawn.map(({ oneHot }) => oneHot)),
  };
}

/**
 * The level whose stretch of the CDF holds u [n, 1], for logits [n, m] or [1, m]: the number of levels
 * that end at or below u, but never more than m − 1, which u = 1 and a cumulated sum that was rounded
 * to less than the total would otherwise make of it.
 */
export function invertCdf(u: Tensor2D, logits: Tensor2D): { code: Tensor2D; oneHot: Tensor2D } {
  const m = logits.shape[1];
  const weights = tf.exp(logits);
  const upToColumn = Float32Array.from({ length: m * m }, (_, i) => (Math.floor(i / m) <= i % m ? 1 : 0));
  const ends = tf.matMul(weights, tf.tensor2d(upToColumn, [m, m]));
  const position = tf.mul(u, tf.sum(weights, 1, true));
  const passed = tf.cast(tf.greaterEqual(position, ends), 'float32');
  const code = tf.minimum(tf.sum(passed, 1, true), m - 1) as Tensor2D;
  const levels = tf.tensor1d(Float32Array.from({ length: m }, (_, i) => i));
  return { code, oneHot: tf.cast(tf.equal(code, levels), 'float32') as Tensor2D };
}
