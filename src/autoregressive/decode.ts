import { standardNormalCdf } from '../distributions/standardNormal.js';
import type { AffineLayer, MaskedWeights } from '../nn/maskedMlp.js';
import { type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Blocks } from './blocks.js';
import { boundedLogits, invertCdf } from './logits.js';

/**
 * Codes from a latent z [n, K] ~ N(0, I): the code of variable k is the inverse of its conditional CDF,
 * given the codes before it, at Φ(z_k). K passes of the same ops on shapes that the data has no part
 * in, so that a trace of it holds for every z.
 */
export function decodeCodes(
  z: Tensor2D,
  { layers, direct }: MaskedWeights,
  { cardinalities, offsets, variables }: Blocks,
): { codes: Tensor2D; oneHot: Tensor2D } {
  const sizes = [...cardinalities];
  const hidden = layers.slice(0, -1);
  const { weight, bias } = layers[layers.length - 1] as AffineLayer;
  const outputWeights = tf.split(weight, sizes, 1);
  const outputBiases = tf.split(bias, sizes, 0);
  const directWeights = tf.split(direct, sizes, 1);
  const uniforms = tf.split(standardNormalCdf(z), variables, 1);

  const codes: Tensor2D[] = [];
  let chosen: Tensor2D | undefined;
  for (let k = 0; k < variables; k++) {
    const output = { weight: outputWeights[k] as Tensor2D, bias: outputBiases[k] as Tensor1D };
    // The masks leave the first variable nothing but its bias.
    let raw = tf.reshape(output.bias, [1, sizes[k] as number]) as Tensor2D;
    if (chosen !== undefined) {
      const seen = offsets[k] as number;
      const skip = tf.matMul(chosen, firstRows(directWeights[k] as Tensor2D, seen));
      raw = tf.add(perceive(chosen, [...hidden, output], seen), skip);
    }
    const { code, oneHot } = invertCdf(uniforms[k] as Tensor2D, boundedLogits(raw));
    codes.push(code);
    chosen = chosen === undefined ? oneHot : tf.concat([chosen, oneHot], 1);
  }
  return { codes: tf.cast(tf.concat(codes, 1), 'int32'), oneHot: chosen as Tensor2D };
}

/** The network on inputs of which the first `seen` are known and the others are masked away. */
function perceive(known: Tensor2D, layers: readonly AffineLayer[], seen: number): Tensor2D {
  let h = known;
  layers.forEach(({ weight, bias }, k) => {
    const linear: Tensor2D = tf.add(tf.matMul(h, k === 0 ? firstRows(weight, seen) : weight), bias);
    h = k === layers.length - 1 ? linear : tf.relu(linear);
  });
  return h;
}

function firstRows(matrix: Tensor2D, count: number): Tensor2D {
  return tf.split(matrix, [count, matrix.shape[0] - count], 0)[0] as Tensor2D;
}
