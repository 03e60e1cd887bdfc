import { checkWhole, checkWholes } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { layers } from '../tf.js';
import { apply, BATCH_NORMALISATION, type ContextSizes, squares, withContext, ZEROS } from './symbolic.js';

export interface ConvolutionalOptions {
  /** Channels after each halving of height and width; a decoder has them in reverse. Default [32, 64]. */
  readonly channels?: readonly number[];
  /** Residual blocks at each of these sizes. Default 0. */
  readonly residualBlocks?: number;
  /**
   * Units of a dense layer with ReLU between the convolutions and the code; 0, the default, is none. Without it a context
   * only ever adds to what the code says, since both enter by one linear layer, and a class is followed weakly.
   */
  readonly denseUnits?: number;
  /** Whether the decoder normalises its batches. Default true. */
  readonly batchNormalisation?: boolean;
}

type Symbolic = layers.SymbolicTensor;

/**
 * From z [n, latentDim], and context, to images: a dense layer, then transposed convolutions of 4 × 4 pixels that
 * double the image, with batch normalisation and ReLU before each (Ruthotto and Haber 2021), and residual blocks
 * before these.
 * @param image [height, width, channels] that it puts out.
 * @throws PushforwardError `usage` for images that cannot be halved so often, or options that are no whole numbers.
 */
export function convolutionalDecoder(
  image: readonly number[],
  sizes: ContextSizes & { readonly latentDim: number },
  options: ConvolutionalOptions,
): layers.LayersModel {
  const { channels, residualBlocks, denseUnits, batchNormalisation } = convolutionalOptions(image, options);
  const [height, width, colours] = image as [number, number, number];
  const halvings = 2 ** channels.length;
  const least = [height / halvings, width / halvings, channels.at(-1) as number];
  const z = layers.input({ shape: [sizes.latentDim] });
  const code = withContext(z, sizes);
  const units = least.reduce((a, b) => a * b, 1);
  let y = apply(layers.layers.dense({ units, ...ZEROS }), hiddenLayer(code.joined, denseUnits));
  y = apply(layers.layers.reshape({ targetShape: least }), y);
  for (let k = channels.length - 1; k >= 0; k--) {
    y = residual(y, channels[k] as number, residualBlocks);
    if (batchNormalisation) y = apply(layers.layers.batchNormalization(BATCH_NORMALISATION), y);
    y = apply(layers.layers.reLU(), y);
    const filters = k === 0 ? colours : (channels[k - 1] as number);
    y = apply(layers.layers.conv2dTranspose({ ...squares(filters, 4), strides: 2 }), y);
  }
  return layers.model({ inputs: [z, ...code.context], outputs: y });
}

/**
 * The options with their defaults.
 * @throws PushforwardError `usage` for rows that are no images, or cannot be halved once for each of the channels, and
 * for options that are no whole numbers.
 */
export function convolutionalOptions(
  shape: readonly number[],
  {
    channels = [32, 64],
    residualBlocks = 0,
    denseUnits = 0,
    batchNormalisation = true,
  }: ConvolutionalOptions,
): Required<ConvolutionalOptions> {
  checkWholes('channels', channels);
  checkWhole('residualBlocks', residualBlocks, 0);
  checkWhole('denseUnits', denseUnits, 0);
  const halvings = 2 ** channels.length;
  const isImage = shape.length === 3 && shape.slice(0, 2).every((side) => side % halvings === 0);
  if (isImage && channels.length > 0) return { channels, residualBlocks, denseUnits, batchNormalisation };
  throw new PushforwardError('usage', `rows of shape [${shape}] cannot be halved ${channels.length} times`, {
    mend: `give images [height, width, channels] whose sides are multiples of ${halvings}, or other channels`,
  });
}

/** What a dense layer of so many units with ReLU makes of a row; the row itself for 0. */
export function hiddenLayer(row: Symbolic, units: number): Symbolic {
  return units === 0 ? row : apply(layers.layers.dense({ units, activation: 'relu', ...ZEROS }), row);
}

/** x and what blocks of ReLU, 3 × 3, ReLU, 3 × 3 add to it (He et al. 2016, with the activations first). */
export function residual(x: Symbolic, filters: number, blocks: number): Symbolic {
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
