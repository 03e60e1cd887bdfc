import { seedWeights, shiftOutputs } from '../nn/seedWeights.js';
import type { ContextSizes } from '../nn/symbolic.js';
import { streamOf } from '../random.js';
import type { layers } from '../tf.js';

/** The activations of layers between others that the preset networks are built with. */
export const layerActivations = ['relu', 'elu', 'tanh', 'softplus'] as const;
export type LayerActivation = (typeof layerActivations)[number];

/** The two networks of an autoencoder. */
export interface Networks {
  readonly encoder: layers.LayersModel;
  readonly decoder: layers.LayersModel;
}

/** The sizes that the networks have to have, whatever they are made of. */
export interface NetworkSizes extends ContextSizes {
  /** Shape of one row of the data. */
  readonly shape: readonly number[];
  readonly latentDim: number;
  /** How many numbers the encoder puts out: 2·latentDim, and what a flow on top of the posterior takes. */
  readonly encoderOutputs: number;
  /** Shape that the decoder puts out: the likelihood's `outputShape`. */
  readonly decoderOutputs: readonly number[];
  /** What the decoder puts out at first, on average, along the last axis: the likelihood's `firstOutputs`. Default 0. */
  readonly firstOutputs?: readonly number[] | undefined;
  /** Of the first weights. */
  readonly seed: number;
}

/** The networks with first weights that are a function of the seed. */
export function seeded(
  { encoder, decoder }: Networks,
  { seed, firstOutputs }: Pick<NetworkSizes, 'seed' | 'firstOutputs'>,
): Networks {
  seedWeights(encoder, seed, streamOf('encoder'));
  seedWeights(decoder, seed, streamOf('decoder'));
  if (firstOutputs !== undefined) shiftOutputs(decoder, firstOutputs);
  return { encoder, decoder };
}
