import { checkOneOf, checkWholes } from '../checks.js';
import { apply, withContext, ZEROS } from '../nn/symbolic.js';
import { layers, tf } from '../tf.js';
import {
  type LayerActivation,
  layerActivations,
  type NetworkSizes,
  type Networks,
  seeded,
} from './networks.js';

export interface MlpNetworkOptions {
  /** Widths of the encoder's hidden layers; the decoder has them in reverse. Default [500, 500]. */
  readonly hidden?: readonly number[];
  /** Default relu. */
  readonly activation?: LayerActivation;
}

/**
 * Perceptrons: rows are flattened on the way in and put into their shape on the way out.
 * @throws PushforwardError `usage` for widths that are no whole numbers from 1, or another activation.
 */
export function mlpNetworks(
  sizes: NetworkSizes,
  { hidden = [500, 500], activation = 'relu' }: MlpNetworkOptions = {},
): Networks {
  checkWholes('hidden', hidden);
  checkOneOf('activation', activation, layerActivations);
  const { shape, latentDim, encoderOutputs, decoderOutputs } = sizes;
  const stack = (x: layers.SymbolicTensor, widths: readonly number[], outputs: number) => {
    let h = x;
    for (const units of widths) h = apply(layers.layers.dense({ units, activation, ...ZEROS }), h);
    return apply(layers.layers.dense({ units: outputs, ...ZEROS }), h);
  };
  const x = layers.input({ shape: [...shape] });
  const flat = shape.length > 1 ? apply(layers.layers.flatten(), x) : x;
  const into = withContext(flat, sizes);
  const encoder = layers.model({
    inputs: [x, ...into.context],
    outputs: stack(into.joined, hidden, encoderOutputs),
  });
  const z = layers.input({ shape: [latentDim] });
  const from = withContext(z, sizes);
  const row = stack(from.joined, hidden.toReversed(), tf.util.sizeFromShape([...decoderOutputs]));
  const outputs =
    decoderOutputs.length > 1 ? apply(layers.layers.reshape({ targetShape: [...decoderOutputs] }), row) : row;
  const decoder = layers.model({ inputs: [z, ...from.context], outputs });
  return seeded({ encoder, decoder }, sizes);
}
