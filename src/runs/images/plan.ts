import type { ImageFacts, ImageSet } from '../../data/images/imageSet.js';
import { PushforwardError } from '../../errors.js';
import type { GlowOptions } from '../../flows/presets/glow.js';
import type { GanConfig, GanNetworksConfig } from '../../gan/config.js';
import type { GanObjective } from '../../gan/objective.js';
import type { GanTrainOptions } from '../../gan/trainer.js';
import type { ImageShape } from '../../imageShape.js';
import type { ContextSizes } from '../../nn/symbolic.js';
import type { NetworksConfig, VaeConfig } from '../../vae/config.js';
import { imageCatalogue } from './catalogue.js';
import { planTraining, type TrainingPlan } from './planTraining.js';
import type { ImageSettings } from './settings.js';
import type { PixelLikelihood } from './types.js';

/** How the bytes of images become the rows that a model is of. */
export type PixelRows = 'unit' | 'binarised' | 'dequantised';

/** A model of images with how it is trained, in JSON. */
export type ImagePlan = VaePlan | GanPlan | FlowPlan;

export interface VaePlan {
  readonly family: 'vae';
  readonly config: VaeConfig;
  readonly rows: PixelRows;
  readonly training: TrainingPlan & { readonly learningRate: number; readonly patience: number };
}

export interface GanPlan {
  readonly family: 'gan';
  readonly config: GanConfig;
  readonly rows: 'unit';
  readonly training: TrainingPlan &
    Pick<GanTrainOptions, 'generator' | 'critic'> & { readonly criticSteps: number };
}

export interface FlowPlan {
  readonly family: 'flow';
  readonly config: GlowOptions;
  readonly rows: 'unit' | 'dequantised';
  readonly training: TrainingPlan & { readonly learningRate: number; readonly patience: number };
}

/** Channels after each halving, as far as there are halvings. */
const CHANNELS = [32, 64, 128, 256];
/** Of the dense layer in which the class and the code meet. */
const CLASS_UNITS = 256;
/** Levels of a Glow, the paper's for CIFAR-10. */
const MOST_LEVELS = 3;
/** A side that is halved no further: what is left is for a dense layer. */
const LEAST_SIDE = 4;

/**
 * The model and the training that settings and training images make.
 * @throws PushforwardError `usage` for a batch of more images than there are, or of no whole packs, for networks of
 * another family, and for a likelihood that the images are no values of.
 */
export function planImages(settings: ImageSettings, images: ImageSet, trainingImages: number): ImagePlan {
  const { height, width, channels } = images.shape;
  const shape = [height, width, channels];
  const isGrey = channels === 1;
  const common = { shape, seed: settings.seed, ...contextSizes(settings, images) };
  if (imageCatalogue[settings.model].family === 'vae') {
    const likelihood = settings.likelihood ?? naturalLikelihood(images);
    checkLikelihood(likelihood, images);
    return {
      family: 'vae',
      rows: likelihood === 'bernoulli' ? 'binarised' : 'unit',
      config: {
        ...common,
        latentDim: settings.latent ?? (isGrey ? 20 : 64),
        likelihood: { kind: likelihood },
        networks: vaeNetworks(settings, images.shape),
      },
      training: {
        ...planTraining(settings, trainingImages, 128, 1, 1),
        learningRate: settings.learningRate ?? 1e-3,
        patience: settings.patience ?? 20,
      },
    };
  }
  if (imageCatalogue[settings.model].family === 'flow') return flowPlan(settings, images, trainingImages);
  const pac = settings.pac ?? 1;
  const isWasserstein = settings.model === 'wgan';
  const criticSteps = isWasserstein ? 5 : 1;
  const learningRate = settings.learningRate ?? (isWasserstein ? 1e-4 : 2e-4);
  // Without momentum, as the penalty's authors have it; half of the usual one for DCGAN, as its authors.
  const beta1 = isWasserstein ? 0 : 0.5;
  const adam = { kind: 'adam', learningRate, beta1 } as const;
  const objective: Partial<GanObjective> = isWasserstein
    ? { loss: 'wasserstein', gradientPenalty: 10, pac }
    : { loss: 'nonSaturating', pac };
  return {
    family: 'gan',
    rows: 'unit',
    config: {
      ...common,
      latentDim: settings.latent ?? 64,
      networks: ganNetworks(settings, images.shape, isWasserstein),
      objective,
    },
    training: {
      ...planTraining(settings, trainingImages, 64, pac, criticSteps),
      generator: adam,
      critic: adam,
      criticSteps,
    },
  };
}

/**
 * The classes as context, for a model of images given these: one 1 among zeros, made twice as long as as many standard
 * normal numbers would be, so that networks go by the class from the first.
 */
function contextSizes({ condition }: ImageSettings, { classes }: ImageFacts): ContextSizes {
  if (condition === null || classes === undefined) return {};
  return { contextDim: classes.length, contextScale: 2 * Math.sqrt(classes.length) };
}

/** A Glow that a processor can train: the paper's has 32 steps at each level, and 512 channels. */
function flowPlan(settings: ImageSettings, images: ImageSet, trainingImages: number): FlowPlan {
  const { shape, pixels, source } = images;
  const { contextDim } = contextSizes(settings, images);
  const levels = Math.min(MOST_LEVELS, halvings(shape).length);
  if (levels === 0) {
    throw new PushforwardError(
      'usage',
      `a glow halves images, and ${shape.height} x ${shape.width} pixels cannot be`,
      {
        where: source,
        mend: 'give images with even sides above 4, or take a vae',
      },
    );
  }
  return {
    family: 'flow',
    rows: pixels instanceof Uint8Array ? 'dequantised' : 'unit',
    config: {
      ...shape,
      levels,
      steps: 4,
      hiddenChannels: 64,
      seed: settings.seed,
      ...(contextDim === undefined ? {} : { contextDim }),
    },
    training: {
      ...planTraining(settings, trainingImages, 32, 1, 1),
      learningRate: settings.learningRate ?? 1e-3,
      patience: settings.patience ?? 20,
    },
  };
}

function vaeNetworks({ networks, model, condition }: ImageSettings, shape: ImageShape): NetworksConfig {
  if (networks === null) {
    const channels = halvings(shape);
    if (channels.length === 0) return { kind: 'mlp', hidden: [500, 500] };
    return { kind: 'convolutional', channels, ...(condition === null ? {} : { denseUnits: CLASS_UNITS }) };
  }
  if (networks.kind === 'layers' && !('encoder' in networks))
    throw otherNetworks(model, 'encoder and decoder');
  return networks as NetworksConfig;
}

function ganNetworks(
  { networks, model }: ImageSettings,
  shape: ImageShape,
  hasPenalty: boolean,
): GanNetworksConfig {
  if (networks === null) {
    const channels = halvings(shape);
    if (channels.length === 0) return { kind: 'mlp', generatorHidden: [256, 512], criticHidden: [512, 256] };
    // A penalty on the slope at each image goes badly with statistics of the batch (Gulrajani et al. 2017, section 4).
    return { kind: 'convolutional', channels, batchNormalisation: !hasPenalty };
  }
  if (networks.kind === 'layers' && !('generator' in networks)) {
    throw otherNetworks(model, 'generator and critic');
  }
  return networks as GanNetworksConfig;
}

function otherNetworks(model: string, wanted: string): PushforwardError {
  return new PushforwardError('usage', `the networks given are not those of a ${model}`, {
    mend: `give ${wanted}`,
  });
}

/** Channels after each halving that the image takes; none for one that takes none, which is for perceptrons. */
function halvings({ height, width }: ImageShape): readonly number[] {
  let count = 0;
  let [h, w] = [height, width];
  while (h % 2 === 0 && w % 2 === 0 && Math.min(h, w) > LEAST_SIDE && count < CHANNELS.length) {
    [h, w] = [h / 2, w / 2];
    count += 1;
  }
  return CHANNELS.slice(0, count);
}

/** Images that are looked at to tell drawings in black and white from others. */
export const LOOKED_AT = 500;
/** Bytes this near to black or white are nearly so. */
const NEARLY = 26;

function checkLikelihood(likelihood: PixelLikelihood, { pixels, source }: ImageSet): void {
  if (likelihood !== 'discretisedLogistic' || pixels instanceof Uint8Array) return;
  throw new PushforwardError('usage', 'discretisedLogistic is of bytes, and these images are not', {
    where: source,
    mend: 'take continuousBernoulli or gaussian',
  });
}

function naturalLikelihood({ pixels, shape, count }: ImageSet): PixelLikelihood {
  if (!(pixels instanceof Uint8Array)) return 'continuousBernoulli';
  if (shape.channels > 1) return 'discretisedLogistic';
  const size = pixels.length / count;
  const some = pixels.subarray(0, size * Math.min(count, LOOKED_AT));
  const clear = some.reduce((sum, byte) => sum + (byte < NEARLY || byte > 255 - NEARLY ? 1 : 0), 0);
  return clear > 0.75 * some.length ? 'bernoulli' : 'discretisedLogistic';
}
