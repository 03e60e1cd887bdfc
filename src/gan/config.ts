import { PushforwardError } from '../errors.js';
import { checkLatentSizes } from '../latentSizes.js';
import { layersModel } from '../nn/layersModel.js';
import { Gan } from './gan.js';
import {
  type ConvolutionalGanOptions,
  convolutionalGanNetworks,
  type GanNetworks,
  type GanSizes,
  type MlpGanOptions,
  mlpGanNetworks,
} from './networks.js';
import { type GanObjective, ganObjectiveOf } from './objective.js';

export type GanNetworksConfig =
  | ({ readonly kind: 'mlp' } & MlpGanOptions)
  | ({ readonly kind: 'convolutional' } & ConvolutionalGanOptions)
  /** Any tf.LayersModels, as their `toJSON` gives them. */
  | { readonly kind: 'layers'; readonly generator: object; readonly critic: object };

/** All that a GAN is built from but its weights, in JSON. */
export interface GanConfig {
  readonly shape: readonly number[];
  readonly latentDim: number;
  /** Default 0. */
  readonly contextDim?: number;
  /** Of preset networks; see `ContextSizes`. Default 1. */
  readonly contextScale?: number;
  readonly networks: GanNetworksConfig;
  /** Changes to `plainGanObjective`. */
  readonly objective?: Partial<GanObjective>;
  /** Of the first weights. Default 0. */
  readonly seed?: number;
}

/**
 * The GAN that a configuration describes, with first weights of its seed. It waits only for networks of the kind
 * `layers`.
 * @throws PushforwardError `usage` or `shape` for a configuration whose parts do not fit each other.
 */
export async function buildGan(config: GanConfig): Promise<Gan> {
  const { shape, latentDim, contextDim = 0, contextScale = 1, seed = 0 } = config;
  checkLatentSizes(shape, latentDim, contextDim);
  const objective = ganObjectiveOf(config.objective ?? {});
  const sizes = { shape, latentDim, contextDim, contextScale, pac: objective.pac, seed };
  return new Gan({
    ...(await buildNetworks(config.networks, sizes)),
    shape,
    latentDim,
    contextDim,
    objective,
    seed,
  });
}

async function buildNetworks(config: GanNetworksConfig, sizes: GanSizes): Promise<GanNetworks> {
  switch (config.kind) {
    case 'mlp':
      return mlpGanNetworks(sizes, config);
    case 'convolutional':
      return convolutionalGanNetworks(sizes, config);
    case 'layers':
      return { generator: await layersModel(config.generator), critic: await layersModel(config.critic) };
    default:
      throw new PushforwardError('usage', `there is no networks ${(config as { kind: string }).kind}`, {
        mend: 'give mlp, convolutional or layers',
      });
  }
}
