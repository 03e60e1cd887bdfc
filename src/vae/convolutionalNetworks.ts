import { PushforwardError } from '../errors.js';
import { seedWeights } from '../nn/seedWeights.js';
import { streamOf } from '../random.js';
import { layers } from '../tf.js';
import { apply, withContext, ZEROS } from './mlpNetworks.js';
import type { NetworkSizes, Networks } from './networks.js';

export interface ConvolutionalNetworkOptions {
  /** Channels after each halving of height and width; the decoder has them in reverse. Default [32, 64]. */
  readonly channels?: readonly number[];
  /** Residual blocks at each of these sizes, in both networks. Default 0. */
  readonly residualBlocks?: number;
  /** Whether the decoder normalises its batches. Default true. */
  readonly batchNormalisation?: boolean;
}

type Symbolic = layers.SymbolicTensor;

/** Of PyTorch, where the networks that these follow were written. */
const BATCH_NORMALISATION = { epsilon: 1e-5, momentum: 0.9 };

/**
 * The networks of the introduction (Ruthotto and Haber 2021): convolutions of 4 × 4 pixels that halve the image,
 * each with ReLU, then one dense layer; and back by a dense layer and transposed convolutions, with batch
 * normalisation and ReLU before each. With residual blocks, ReLU, 3 × 3, ReLU, 3 × 3 (He et al. 2016, with the
 * activations first), after each halving and before each doubling.
 * @throws PushforwardError `usage` for images that cannot be halved so often.
 */
export function convolutionalNetworks(
  { shape, latentDim, contextDim = 0, encoderOutputs, decoderOutputs, seed }: NetworkSizes,
  { channels = [32, 64], residualBlocks = 0, batchNormalisation = true }: ConvolutionalNetworkOptions = {},
): Networks {
  const [height, width] = shape;
  const halvings = 2 ** channels.length;
  const isImage =
    shape.length === 3 && (height as number) % halvings === 0 && (width as number) % halvings === 0;
  if (!isImage || channels.length === 0) {
    throw new PushforwardError(
      'usage',
      `rows of shape [${shape}] cannot be halved ${channels.length} times`,
      {
        mend: `give images [height, width, channels] whose sides are multiples of ${halvings}, or other channels`,
      },
    );
  }
  const image = layers.input({ shape: [...shape] });
  let h: Symbolic = image;
  for (const filters of channels) {
    h = apply(layers.layers.conv2d({ ...squares(filters, 4), strides: 2, activation: 'relu' }), h);
    h = residual(h, filters, residualBlocks);
  }
  const flat = withContext(apply(layers.layers.flatten(), h), contextDim);
  const encoder = layers.model({
    inputs: [image, ...flat.context],
    outputs: apply(layers.layers.dense({ units: encoderOutputs, ...ZEROS }), flat.joined),
  });

  const least = [(height as number) / halvings, (width as number) / halvings, channels.at(-1) as number];
  const z = layers.input({ shape: [latentDim] });
  const code = withContext(z, contextDim);
  const units = least.reduce((a, b) => a * b, 1);
  let y = apply(layers.layers.dense({ units, ...ZEROS }), code.joined);
  y = apply(layers.layers.reshape({ targetShape: least }), y);
  for (let k = channels.length - 1; k >= 0; k--) {
    y = residual(y, channels[k] as number, residualBlocks);
    if (batchNormalisation) y = apply(layers.layers.batchNormalization(BATCH_NORMALISATION), y);
    y = apply(layers.layers.reLU(), y);
    const filters = k === 0 ? (decoderOutputs[2] as number) : (channels[k - 1] as number);
    y = apply(layers.layers.conv2dTranspose({ ...squares(filters, 4), strides: 2 }), y);
  }
  const decoder = layers.model({ inputs: [z, ...code.context], outputs: y });
  seedWeights(encoder, seed, streamOf('encoder'));
  seedWeights(decoder, seed, streamOf('decoder'));
  return { encoder, decoder };
}

function residual(x: Symbolic, filters: number, blocks: number): Symbolic {
  let sum = x;
  for (let block = 0; block < blocks; block++) {
    let h = sum;
    for (let k = 0; k < 2; k++) {
      h = apply(layers.layers.conv2d(squares(filters, 3)), apply(layers.layers.reLU(), h));
    }
    sum = apply(layers.layers.add(), [sum, h]);
  }
  return sum;
}

function squares(filters: number, kernelSize: number) {
  return { filters, kernelSize, padding: 'same', ...ZEROS } as const;
}
