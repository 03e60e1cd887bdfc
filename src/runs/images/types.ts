import type { ImageSet } from '../../data/images/imageSet.js';
import type { PictureSet } from '../../data/images/pictures.js';
import type { ReadImagesOptions } from '../../data/images/readImages.js';
import type { DrawOptions } from '../../draw.js';
import type { GanNetworksConfig } from '../../gan/config.js';
import type { ImageShape } from '../../imageShape.js';
import type { ImageClassifier } from '../../metrics/imageClassifier.js';
import type { ImageFigures } from '../../report/images.js';
import type { NetworksConfig } from '../../vae/config.js';
import type { NetworkExportReport } from '../checkedGraphs.js';
import type { FitOptions, FitSummary } from '../types.js';
import type { ImageModelName } from './catalogue.js';

/**
 * Where images come from: whatever `readImages` reads, a set in memory, or pictures in files. A fit leaves its training
 * images in their files where they are many, and decodes them a few batches ahead.
 */
export type ImageSource = string | ImageSet | PictureSet;

/** The likelihoods of pixels that a VAE can be fitted with by name. */
export type PixelLikelihood = 'bernoulli' | 'continuousBernoulli' | 'discretisedLogistic' | 'gaussian';

export interface FitImagesOptions extends FitOptions, ReadImagesOptions {
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
  /** Images in a step. Default 128 for a VAE, 64 for a GAN, 32 for a flow; of few images a tenth of them, from 16. */
  readonly batchSize?: number;
  /** Default 1e-3 for a VAE or a flow, 2e-4 for a GAN, 1e-4 for a Wasserstein GAN. */
  readonly learningRate?: number;
  /** Epochs without a better validation figure before a VAE or a flow stops. Default 20. */
  readonly patience?: number;
}

/** What is measured on images that the fit never saw. */
export interface ImageEvaluation extends ImageFigures {
  readonly model: ImageModelName;
  readonly images: number;
  readonly seconds: number;
}

/** What `fit` found, as it is printed and saved. */
export interface ImageFitReport extends ImageEvaluation, FitSummary {
  /** The last epoch's figures, by name. */
  readonly figures: Readonly<Record<string, number>>;
  readonly onnx: Pick<NetworkExportReport, 'maxRelativeError'>;
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

export interface EvaluateImagesOptions extends ScoreImagesOptions {
  /**
   * A classifier of images of this shape, or the file that `saveImageClassifier` wrote of one: generated images are then
   * compared with real ones on its features too.
   */
  readonly classifier?: ImageClassifier | string;
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
  /** @throws PushforwardError `input` for images or a classifier of another shape. */
  evaluate(source: ImageSource, options?: EvaluateImagesOptions): Promise<ImageEvaluation>;
  export(folder: string): Promise<NetworkExportReport>;
  dispose(): void;
}
