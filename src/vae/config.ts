import { checkWhole } from '../checks.js';
import { GaussianMixture } from '../distributions/gaussianMixture.js';
import type {
  Likelihood,
  LikelihoodConfig,
  LikelihoodSupport,
} from '../distributions/likelihoods/likelihood.js';
import { buildLikelihood } from '../distributions/likelihoods/registry.js';
import { StandardNormal } from '../distributions/standardNormal.js';
import { PushforwardError } from '../errors.js';
import type { Flow } from '../flows/flow.js';
import type { PresetName } from '../flows/presets/catalogue.js';
import { type PresetSizes, presets } from '../flows/presets/index.js';
import { checkLatentSizes } from '../latentSizes.js';
import { layersModel } from '../nn/layersModel.js';
import { Random, streamOf } from '../random.js';
import { type layers, type Tensor, tf } from '../tf.js';
import { type ConvolutionalNetworkOptions, convolutionalNetworks } from './convolutionalNetworks.js';
import { type MlpNetworkOptions, mlpNetworks } from './mlpNetworks.js';
import type { NetworkSizes, Networks } from './networks.js';
import type { VaeObjective } from './objective.js';
import { BasePrior, FlowPrior, type Prior } from './prior.js';
import { Vae } from './vae.js';
import { VampPrior } from './vampPrior.js';

/** A flow of the latent: one of the presets for rows, with its sizes where they are not the default ones. */
export interface LatentFlowConfig extends Partial<PresetSizes> {
  readonly preset: PresetName;
  /** Numbers that the encoder puts out for a flow on top of the posterior; 0, the default, is none. */
  readonly contextDim?: number;
}

export type NetworksConfig =
  | ({ readonly kind: 'mlp' } & MlpNetworkOptions)
  | ({ readonly kind: 'convolutional' } & ConvolutionalNetworkOptions)
  /** Any tf.LayersModels, as their `toJSON` gives them. */
  | { readonly kind: 'layers'; readonly encoder: object; readonly decoder: object };

export type PriorConfig =
  | { readonly kind: 'standardNormal' }
  | { readonly kind: 'gaussianMixture'; readonly components: number }
  | { readonly kind: 'vampPrior'; readonly components: number }
  | { readonly kind: 'flow'; readonly flow: LatentFlowConfig; readonly trained?: boolean };

/** All that a VAE is built from but its weights, in JSON. */
export interface VaeConfig {
  readonly shape: readonly number[];
  readonly latentDim: number;
  /** Default 0. */
  readonly contextDim?: number;
  /** Of preset networks; see `ContextSizes`. Default 1. */
  readonly contextScale?: number;
  readonly networks: NetworksConfig;
  readonly likelihood: LikelihoodConfig;
  /** Default standard normal. */
  readonly prior?: PriorConfig;
  /** A flow on top of the posterior. Default none. */
  readonly posteriorFlow?: LatentFlowConfig;
  /** Changes to the plain ELBO. */
  readonly objective?: Partial<VaeObjective>;
  /** Of the first weights. Default 0. */
  readonly seed?: number;
}

/**
 * The VAE that a configuration describes, with first weights of its seed. It waits only for networks of the
 * kind `layers`.
 * @throws PushforwardError `usage` or `shape` for a configuration whose parts do not fit each other.
 */
export async function buildVae(config: VaeConfig): Promise<Vae> {
  const {
    shape,
    latentDim,
    contextDim = 0,
    contextScale = 1,
    prior = { kind: 'standardNormal' },
    objective = {},
    seed = 0,
  } = config;
  checkLatentSizes(shape, latentDim, contextDim);
  const likelihood = buildLikelihood(config.likelihood);
  const posteriorFlow = config.posteriorFlow && buildFlow(config.posteriorFlow, latentDim, seed);
  const networks = await buildNetworks(config.networks, {
    shape,
    latentDim,
    contextDim,
    contextScale,
    encoderOutputs: 2 * latentDim + (config.posteriorFlow?.contextDim ?? 0),
    decoderOutputs: likelihood.outputShape(shape),
    firstOutputs: likelihood.firstOutputs?.(shape.at(-1) as number),
    seed,
  });
  return new Vae({
    ...networks,
    shape,
    latentDim,
    contextDim,
    likelihood,
    objective,
    prior: buildPrior(prior, { ...networks, shape, latentDim, likelihood, seed }),
    ...(posteriorFlow === undefined ? {} : { posteriorFlow }),
  });
}

async function buildNetworks(config: NetworksConfig, sizes: NetworkSizes): Promise<Networks> {
  switch (config.kind) {
    case 'mlp':
      return mlpNetworks(sizes, config);
    case 'convolutional':
      return convolutionalNetworks(sizes, config);
    case 'layers':
      return { encoder: await layersModel(config.encoder), decoder: await layersModel(config.decoder) };
    default:
      throw unknown('networks', (config as { kind: string }).kind, 'mlp, convolutional or layers');
  }
}

function buildFlow({ preset, ...sizes }: LatentFlowConfig, dim: number, seed: number): Flow {
  checkWhole('contextDim of a flow', sizes.contextDim ?? 0, 0);
  if (!Object.hasOwn(presets, preset)) throw unknown('flow', preset, Object.keys(presets).join(', '));
  return presets[preset].build({ dim, seed, ...sizes });
}

interface PriorParts {
  readonly encoder: layers.LayersModel;
  readonly shape: readonly number[];
  readonly latentDim: number;
  readonly likelihood: Likelihood;
  readonly seed: number;
}

function buildPrior(config: PriorConfig, { encoder, shape, latentDim, likelihood, seed }: PriorParts): Prior {
  switch (config.kind) {
    case 'standardNormal':
      return new BasePrior(new StandardNormal(latentDim));
    case 'gaussianMixture':
      return new BasePrior(new GaussianMixture({ dim: latentDim, components: config.components }), seed);
    case 'vampPrior': {
      const pseudoInputs = firstPseudoInputs(config.components, shape, likelihood.support, seed);
      const prior = new VampPrior({ encoder, latentDim, pseudoInputs });
      pseudoInputs.dispose();
      return prior;
    }
    case 'flow':
      return new FlowPrior(buildFlow(config.flow, latentDim, seed), { trained: config.trained ?? true });
    default:
      throw unknown(
        'prior',
        (config as { kind: string }).kind,
        'standardNormal, gaussianMixture, vampPrior or flow',
      );
  }
}

/** Uniform on what the likelihood has values on, or standard normal. */
function firstPseudoInputs(
  components: number,
  shape: readonly number[],
  support: LikelihoodSupport | null,
  seed: number,
): Tensor {
  checkWhole('components of a VampPrior', components);
  const random = new Random(seed, streamOf('pseudo-inputs'));
  const values = new Float32Array(components * tf.util.sizeFromShape([...shape]));
  if (support === null) random.normal(values);
  else {
    random.uniform(values);
    values.forEach((u, i) => {
      values[i] = support.low + u * (support.high - support.low);
    });
  }
  return tf.tensor(values, [components, ...shape]);
}

function unknown(what: string, kind: string, known: string): PushforwardError {
  return new PushforwardError('usage', `there is no ${what} ${kind}`, { mend: `give ${known}` });
}
