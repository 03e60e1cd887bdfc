import { checkOneOf, checkPositive, checkWhole, checkWholes } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { Affine } from '../nn/affine.js';
import {
  type ConvolutionalOptions,
  convolutionalDecoder,
  convolutionalOptions,
} from '../nn/convolutionalDecoder.js';
import { Maxout } from '../nn/maxout.js';
import { seedWeights } from '../nn/seedWeights.js';
import {
  apply,
  BATCH_NORMALISATION,
  type ContextSizes,
  squares,
  withContext,
  ZEROS,
} from '../nn/symbolic.js';
import { streamOf } from '../random.js';
import { layers, tf } from '../tf.js';
import { packedShape } from './packing.js';

/** The two networks of a GAN. */
export interface GanNetworks {
  readonly generator: layers.LayersModel;
  readonly critic: layers.LayersModel;
}

/** The sizes that the networks have to have, whatever they are made of. */
export interface GanSizes extends ContextSizes {
  /** Shape of one row of the data. */
  readonly shape: readonly number[];
  readonly latentDim: number;
  /** Rows that the critic judges together. Default 1. */
  readonly pac?: number;
  /** Of the first weights. */
  readonly seed: number;
}

export interface MlpGanOptions {
  /** Widths of the generator's hidden layers. Default [128, 128]. */
  readonly generatorHidden?: readonly number[];
  /** Widths of the critic's. Default [128, 128]. */
  readonly criticHidden?: readonly number[];
  /** Pieces of the critic's maxout units; 0, the default, makes them leaky ReLUs with slope 0.2. */
  readonly maxout?: number;
  /** Whether the generator normalises its batches, in place of biases. Default false. */
  readonly batchNormalisation?: boolean;
  /** Standard deviation of the first weights, with biases of 0. Default: those of `initialScales`. */
  readonly deviation?: number;
}

type Symbolic = layers.SymbolicTensor;

/**
 * Perceptrons. The networks of PacGAN for the ring and the grid (Lin et al. 2018) are `generatorHidden` of four
 * times 400, `batchNormalisation`, `criticHidden` of three times 200, `maxout` 5 and `deviation` 0.02.
 * @throws PushforwardError `usage` for widths that are no whole numbers from 1, a single piece of maxout, which is a
 * linear critic, or a deviation that is not positive.
 */
export function mlpGanNetworks(
  sizes: GanSizes,
  {
    generatorHidden = [128, 128],
    criticHidden = [128, 128],
    maxout = 0,
    batchNormalisation = false,
    deviation,
  }: MlpGanOptions = {},
): GanNetworks {
  checkWholes('generatorHidden', generatorHidden);
  if (deviation !== undefined) checkPositive('deviation', deviation);
  const { shape, latentDim, contextDim = 0, pac = 1, seed } = sizes;
  const z = layers.input({ shape: [latentDim] });
  const from = withContext(z, sizes);
  let h = from.joined;
  for (const units of generatorHidden) {
    h = apply(layers.layers.dense({ units, useBias: !batchNormalisation, ...ZEROS }), h);
    if (batchNormalisation) h = apply(layers.layers.batchNormalization(BATCH_NORMALISATION), h);
    h = apply(layers.layers.reLU(), h);
  }
  h = apply(layers.layers.dense({ units: tf.util.sizeFromShape([...shape]), ...ZEROS }), h);
  if (shape.length > 1) h = apply(layers.layers.reshape({ targetShape: [...shape] }), h);
  const generator = layers.model({ inputs: [z, ...from.context], outputs: h });
  const critic = mlpCritic({ shape, contextDim, pac }, { criticHidden, maxout });
  return seeded({ generator, critic }, seed, deviation);
}

/** The critic of `mlpGanNetworks` by itself, its weights 0. */
export function mlpCritic(
  { shape, contextDim = 0, pac = 1 }: Pick<GanSizes, 'shape' | 'contextDim' | 'pac'>,
  { criticHidden = [128, 128], maxout = 0 }: Pick<MlpGanOptions, 'criticHidden' | 'maxout'> = {},
): layers.LayersModel {
  checkWholes('criticHidden', criticHidden);
  checkWhole('maxout', maxout, 0);
  if (maxout === 1) {
    throw new PushforwardError('usage', 'maxout is 1, which is a linear critic', {
      mend: 'give a whole number from 2, or 0 for leaky ReLUs',
    });
  }
  const x = layers.input({ shape: packedShape(shape, pac) });
  let f: Symbolic = shape.length > 1 ? apply(layers.layers.flatten(), x) : x;
  for (const units of criticHidden) {
    f = apply(layers.layers.dense({ units: units * Math.max(1, maxout), ...ZEROS }), f);
    f = apply(maxout > 0 ? new Maxout({ pieces: maxout }) : layers.layers.leakyReLU({ alpha: 0.2 }), f);
  }
  return projected(x, f, pac * contextDim);
}

export interface ConvolutionalGanOptions extends ConvolutionalOptions {
  /** Last function of the generator, for pixels in (0, 1) or (−1, 1). Default sigmoid. */
  readonly pixels?: 'sigmoid' | 'tanh';
  /** Side of the convolutions' windows in the critic. Default 4. */
  readonly window?: number;
}

/**
 * The networks of the introduction's DCGAN (Ruthotto and Haber 2021, after Radford, Metz and Chintala 2016): the
 * generator is a convolutional VAE's decoder and a sigmoid, so that it can be started from one; the critic centres
 * pixels of (0, 1) to (−1, 1), then halves the image by convolutions of 4 × 4, each with batch normalisation and leaky
 * ReLU of slope 0.2, and ends in a dense layer.
 * @throws PushforwardError `usage` for images that cannot be halved so often, or options that are no whole numbers.
 */
export function convolutionalGanNetworks(
  sizes: GanSizes,
  options: ConvolutionalGanOptions = {},
): GanNetworks {
  const { shape, contextDim = 0, pac = 1, seed } = sizes;
  const { pixels = 'sigmoid', window = 4 } = options;
  checkOneOf('pixels', pixels, ['sigmoid', 'tanh']);
  checkWhole('window', window);
  const { channels, batchNormalisation } = convolutionalOptions(shape, options);
  const decoder = convolutionalDecoder(shape, sizes, options);
  const last = apply(layers.layers.activation({ activation: pixels }), decoder.outputs[0] as Symbolic);
  const generator = layers.model({ inputs: decoder.inputs, outputs: last });

  const x = layers.input({ shape: packedShape(shape, pac) });
  let f: Symbolic = pixels === 'sigmoid' ? apply(new Affine({ factor: 2, offset: -1 }), x) : x;
  for (const filters of channels) {
    f = apply(layers.layers.conv2d({ ...squares(filters, window), strides: 2 }), f);
    if (batchNormalisation) f = apply(layers.layers.batchNormalization(BATCH_NORMALISATION), f);
    f = apply(layers.layers.leakyReLU({ alpha: 0.2 }), f);
  }
  const critic = projected(x, apply(layers.layers.flatten(), f), pac * contextDim);
  return seeded({ generator, critic }, seed);
}

/**
 * One number of the features f(x): ψ · f, and with a context y the projection yᵀ V f beside it (Miyato and Koyama
 * 2018, equation 3).
 */
function projected(x: Symbolic, features: Symbolic, contextDim: number): layers.LayersModel {
  const value = apply(layers.layers.dense({ units: 1, ...ZEROS }), features);
  if (contextDim === 0) return layers.model({ inputs: x, outputs: value });
  const context = layers.input({ shape: [contextDim] });
  const units = features.shape.at(-1) as number;
  const direction = apply(layers.layers.dense({ units, useBias: false, ...ZEROS }), context);
  const along = apply(layers.layers.dot({ axes: 1 }), [direction, features]);
  return layers.model({ inputs: [x, context], outputs: apply(layers.layers.add(), [value, along]) });
}

function seeded(networks: GanNetworks, seed: number, deviation?: number): GanNetworks {
  seedWeights(networks.generator, seed, streamOf('generator'), deviation);
  seedWeights(networks.critic, seed, streamOf('critic'), deviation);
  return networks;
}
