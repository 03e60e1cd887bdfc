import {
  type ConvolutionalOptions,
  convolutionalDecoder,
  convolutionalOptions,
  hiddenLayer,
  residual,
} from '../nn/convolutionalDecoder.js';
import { apply, squares, withContext, ZEROS } from '../nn/symbolic.js';
import { layers } from '../tf.js';
import { type NetworkSizes, type Networks, seeded } from './networks.js';

export type ConvolutionalNetworkOptions = ConvolutionalOptions;

/**
 * The networks of the introduction (Ruthotto and Haber 2021): convolutions of 4 × 4 pixels that halve the image,
 * each with ReLU, then one dense layer; and back by a dense layer and transposed convolutions, with batch
 * normalisation and ReLU before each. With residual blocks, ReLU, 3 × 3, ReLU, 3 × 3 (He et al. 2016, with the
 * activations first), after each halving and before each doubling.
 * @throws PushforwardError `usage` for images that cannot be halved so often, or options that are no whole numbers.
 */
export function convolutionalNetworks(
  sizes: NetworkSizes,
  options: ConvolutionalNetworkOptions = {},
): Networks {
  const { shape, encoderOutputs, decoderOutputs } = sizes;
  const { channels, residualBlocks, denseUnits } = convolutionalOptions(shape, options);
  const image = layers.input({ shape: [...shape] });
  let h: layers.SymbolicTensor = image;
  for (const filters of channels) {
    h = apply(layers.layers.conv2d({ ...squares(filters, 4), strides: 2, activation: 'relu' }), h);
    h = residual(h, filters, residualBlocks);
  }
  const flat = withContext(apply(layers.layers.flatten(), h), sizes);
  const encoder = layers.model({
    inputs: [image, ...flat.context],
    outputs: apply(
      layers.layers.dense({ units: encoderOutputs, ...ZEROS }),
      hiddenLayer(flat.joined, denseUnits),
    ),
  });

  const decoder = convolutionalDecoder(decoderOutputs, sizes, options);
  return seeded({ encoder, decoder }, sizes);
}
