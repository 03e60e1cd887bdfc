import type { ImageSet } from '../../data/images/imageSet.js';
import type { PictureSet } from '../../data/images/pictures.js';
import type { ReadImagesOptions } from '../../data/images/readImages.js';
import type { DrawOptions } from '../../draw.js';
import type { GanNetworksConfig } from '../../gan/config.js';
import type { ImageShape } from '../../imageShape.js';
import type { SampleComparison } from '../../metrics/sampleComparison.js';
import type { NetworksConfig } from '../../vae/config.js';
import type { NetworkExportReport } from '../checkedGraphs.js';
import type { FitEvent } from '../types.js';
import type { ImageModelName } from './catalogue.js';

/**
 * Where images come from: whatever `readImages` reads, a set in memory, or pictures in files. A fit leaves its training
 * images in their files where they are many, and decodes them a few batches ahead.
 */
export type ImageSource = string | ImageSet | PictureSet;

/** The likelihoods of pixels that a VAE can be fitted with by name. */
export type PixelLikelihood = 'bernoulli' | 'continuousBernoulli' | 'discretisedLogistic' | 'gaussian';

export interface FitImagesOptions extends ReadImagesOptions {
  /** The run folder to make. Without one, the run lives in a temporary folder. */
  readonly out?: string;
  /** Replace a run folder that is already there. Default false: it is an error. */
  readonly overwrite?: boolean;
  /** Go on from the last checkpoint in `out`, bit for bit. Default false. */
  readonly resume?: boolean;
  /** Default vae. */
  readonly model?: ImageModelName;
  /** Numbers that an image is made of. Default 20 for a VAE of grey images, 64 otherwise; a flow has as many as the
   * image. */
  readonly latent?: number;
  /**
   * Of a VAE's pixels. Default: `bernoulli`, of pixels drawn as black or white by their intensity (Salakhutdinov and
   * Murray 2008), where most are nearly so, as in digits; `discretisedLogistic` for other bytes, `continuousBernoulli`
   * for intensities that are no bytes.
   */
  readonly likelihood?: PixelLikelihood;
  /**
   * `labels`: the model is of images given their class, which the labels of the data say; every class has to be among
   * the training images. Default: it is of images alone, whatever labels they have.
   */
  readonly condition?: 'labels';
  /** Images that a GAN's critic judges together. Default 1. */
  readonly pac?: number;
  /**
   * Networks in place of the presets, which are convolutional where both sides can be halved, and perceptrons
   * where not.
   */
  readonly networks?: NetworksConfig | GanNetworksConfig;
  /** Seed of the split, the first weights and the batches. Default 0. */
  readonly seed?: number;
  /** Most passes over the training images. Default: chosen from their number. */
  readonly epochs?: number;
  /** Images in a step. Default 128 for a VAE, 64 for a GAN, 32 for a flow, or as many as there are. */
  readonly batchSize?: number;
  /** Default 1e-3 for a VAE or a flow, 2e-4 for a GAN, 1e-4 for a Wasserstein GAN. */
  readonly learningRate?: number;
  /** Epochs without a better validation figure before a VAE or a flow stops. Default 20. */
  readonly patience?: number;
  /** Shares of the images held out. Defaults 0.1 and 0.1; a GAN, which nothing stops early, trains on the first too. */
  readonly validation?: number;
  readonly test?: number;
  /** Told of everything that happens, for progress. */
  readonly onEvent?: (event: FitEvent) => void;
  /** Stops the fit after the step in hand; the last checkpoint stays. */
  readonly signal?: AbortSignal;
}

/** Log-likelihoods of images, as far as their model has any. */
export interface ImageLikelihood {
  /** Images that it is the mean over. */
  readonly images: number;
  /** Mean nats an image, by importance sampling: on average from below. */
  readonly logLikelihood: number;
  readonly standardError: number;
  /** Mean evidence lower bound of the same images, nats. */
  readonly elbo: number;
  /** Bits for each number of an image, by the first figure; null for densities of pixels that are continuous. */
  readonly bitsPerDimension: number | null;
  /** Draws of the latent for each image. */
  readonly samples: number;
}

/** What is measured on images that the fit never saw. */
export interface ImageEvaluation {
  readonly model: ImageModelName;
  readonly images: number;
  /** Null for a GAN, which has no density. */
  readonly likelihood: ImageLikelihood | null;
  /** Null for fewer than 16 images. */
  readonly samples: SampleComparison | null;
  readonly seconds: number;
}

/** What `fit` found, as it is printed and saved. */
export interface ImageFitReport extends ImageEvaluation {
  readonly folder: string;
  readonly epochs: number;
  /** Null for a GAN, which no validation stops. */
  readonly bestEpoch: number | null;
  readonly backend: string;
  readonly split: { readonly train: number; readonly validation: number; readonly test: number };
  /** The last epoch's figures, by name. */
  readonly figures: Readonly<Record<string, number>>;
  readonly onnx: Pick<NetworkExportReport, 'maxRelativeError'>;
  /** Names of the files in `folder`. */
  readonly files: readonly string[];
}

/** What each image is given by a model with a density. */
export interface ImageScores {
  /** log p by importance sampling, nats. */
  readonly logProb: Float64Array;
  /** Evidence lower bound, nats. */
  readonly elbo: Float64Array;
  /** Null for densities of pixels that are continuous. */
  readonly bitsPerDimension: Float64Array | null;
  readonly samples: number;
  readonly images: ImageSet;
}

export interface ScoreImagesOptions extends ReadImagesOptions {
  /** Draws of the latent for each image. Default 100, and 4 of the noise that spreads bytes for a flow. */
  readonly samples?: number;
  /** Of the draws. Default 0. */
  readonly seed?: number;
}

export interface SampleImagesOptions extends DrawOptions {
  /**
   * Name of the class that all are of, or `all` for as many of each, class by class. Default: classes are drawn by
   * their shares of the training images. Of a model with classes only.
   */
  readonly condition?: string;
}

/** A fitted model of images with its folder. `loadRun(folder)` and `fitImages(source, options)` give one. */
export interface ImageRun {
  readonly kind: 'images';
  readonly folder: string;
  readonly shape: ImageShape;
  readonly model: ImageModelName;
  readonly report: ImageFitReport;
  /** Names of the classes that the model is conditioned on; null for one of images alone. */
  readonly classes: readonly string[] | null;
  /**
   * New images of bytes, with labels where the model has classes.
   * @throws PushforwardError `usage` for a class that the model has not.
   */
  sample(count: number, options?: SampleImagesOptions): Promise<ImageSet>;
  /**
   * Given their labels for a model with classes.
   * @throws PushforwardError `usage` for a GAN, which has no density, `input` for images of a class that is not known.
   */
  score(source: ImageSource, options?: ScoreImagesOptions): Promise<ImageScores>;
  evaluate(source: ImageSource, options?: ScoreImagesOptions): Promise<ImageEvaluation>;
  export(folder: string): Promise<NetworkExportReport>;
  dispose(): void;
}
