import { standardNormalCdf } from '../../distributions/standardNormal.js';
import { mlpCritic } from '../../gan/networks.js';
import { seedWeights } from '../../nn/seedWeights.js';
import { apply, BATCH_NORMALISATION, ZEROS } from '../../nn/symbolic.js';
import { streamOf } from '../../random.js';
import { layers, type Tensor, type Tensor2D, tf } from '../../tf.js';
import type { RowFeatures } from '../features.js';
import { presence } from '../layout.js';
import type { GanArchitecture } from './architecture.js';

/** Temperature of the Gumbel softmax: CTGAN's. */
const TEMPERATURE = 0.2;
/** Uniforms are kept this far from 0 and 1, where their Gumbel noise has no finite value in float32. */
const LEAST_SHARE = 1e-6;

/**
 * The networks of CTGAN (Xu, Skoularidou, Cuesta-Infante and Veeramachaneni 2019, section 4.4) without its conditions:
 * the generator puts each hidden layer, normalised by batch, beside what goes into it; levels come out by a Gumbel
 * softmax (Jang, Gu and Poole 2017). Of the latent z [n, latent + levels] the last part is the Gumbel noise, so that a
 * row is a function of z, and the likeliest level of what comes out is a draw by the probabilities of the levels. The
 * critic is a leaky perceptron of packs; its dropout is left out, since a gradient penalty already bounds it, and a fit
 * is to be the same when it is done again.
 */
export function tableGanNetworks(
  features: RowFeatures,
  { latent, hidden, pac }: GanArchitecture,
  seed: number,
): { generator: layers.LayersModel; critic: layers.LayersModel } {
  const levels = features.blocks?.width ?? 0;
  const z = layers.input({ shape: [latent + levels] });
  let h = apply(new Leading({ columns: latent }), z);
  for (const units of hidden) {
    let own = apply(layers.layers.dense({ units, useBias: false, ...ZEROS }), h);
    own = apply(layers.layers.batchNormalization(BATCH_NORMALISATION), own);
    h = apply(layers.layers.concatenate(), [apply(layers.layers.reLU(), own), h]);
  }
  const outputs = apply(layers.layers.dense({ units: features.width, ...ZEROS }), h);
  const rows = apply(new RowOutput(features), [outputs, z]);
  const generator = layers.model({ inputs: z, outputs: rows });
  const critic = mlpCritic({ shape: [features.width], pac }, { criticHidden: hidden });
  seedWeights(generator, seed, streamOf('generator'));
  seedWeights(critic, seed, streamOf('critic'));
  return { generator, critic };
}

/** The first columns of a row. */
class Leading extends layers.layers.Layer {
  static className = 'Leading';
  readonly #columns: number;

  constructor({ columns }: { columns: number }) {
    super({});
    this.#columns = columns;
  }

  override computeOutputShape(): layers.Shape {
    return [null, this.#columns];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor2D;
    return tf.slice2d(x, [0, 0], [-1, this.#columns]);
  }
}

/** A network's outputs [n, width] and z [n, latent + levels] as features of rows; a number that is absent is 0. */
class RowOutput extends layers.layers.Layer {
  static className = 'RowOutput';
  readonly #features: RowFeatures;

  constructor(features: RowFeatures) {
    super({});
    this.#features = features;
  }

  override computeOutputShape(): layers.Shape {
    return [null, this.#features.width];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const { layout, blocks } = this.#features;
    return tf.tidy(() => {
      const [outputs, z] = inputs as [Tensor2D, Tensor2D];
      const { y, oneHot: logits } = this.#features.split(outputs);
      if (blocks === null || logits === undefined) return tf.clone(outputs);
      const noise: Tensor2D = tf.slice2d(z, [0, z.shape[1] - blocks.width], [-1, blocks.width]);
      const scaled = tf.mul(tf.add(logits, gumbel(noise)), 1 / TEMPERATURE);
      const shares = tf.split(scaled, [...blocks.cardinalities], 1).map((block) => tf.softmax(block));
      const levels: Tensor2D = tf.concat(shares as Tensor2D[], 1);
      if (y === undefined) return levels;
      const present = presence(layout, blocks, levels);
      return tf.concat([present === null ? y : tf.mul(y, present), levels], 1);
    });
  }
}

/** Gumbel noise [n, levels] of normals. */
function gumbel(noise: Tensor2D): Tensor {
  const share = tf.clipByValue(standardNormalCdf(noise), LEAST_SHARE, 1 - LEAST_SHARE);
  return tf.neg(tf.log(tf.neg(tf.log(share))));
}
