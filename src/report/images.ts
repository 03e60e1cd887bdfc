import type { FeatureComparison } from '../metrics/featureDistances.js';
import type { SampleComparison } from '../metrics/sampleComparison.js';
import { alignColumns } from './columns.js';
import { comparisonTable, samplesText } from './evaluation.js';
import { formatCount, formatNats } from './numbers.js';

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

/** What was measured on images. */
export interface ImageFigures {
  /** Null for a GAN, which has no density. */
  readonly likelihood: ImageLikelihood | null;
  /** Generated images beside real ones, at most 2000 of these; null for fewer than 20. */
  readonly samples: SampleComparison | null;
  /** The same on the features of a classifier, where one was given. */
  readonly features?: FeatureComparison;
}

/** The figures as text: log-likelihoods where there are any, then generated images against real ones. */
export function imageEvaluationText({ likelihood, samples, features }: ImageFigures): string {
  const parts: string[] = [];
  if (likelihood !== null) {
    const bits = likelihood.bitsPerDimension;
    const rows = [
      [
        `log-likelihood, ${likelihood.samples} draws an image`,
        formatNats(likelihood.logLikelihood),
        `± ${formatNats(likelihood.standardError)}`,
      ],
      ['evidence lower bound', formatNats(likelihood.elbo), ''],
      ...(bits === null ? [] : [['bits a number of the image', bits.toFixed(4), '']]),
    ];
    const heading = `${formatCount(likelihood.images)} images, nats an image (higher is better)`;
    parts.push(`${heading}\n${alignColumns(rows, ['left', 'right', 'left'])}`);
  }
  if (samples !== null) parts.push(samplesText(samples, 'images'));
  if (features !== undefined) parts.push(featuresText(features));
  return parts.length === 0 ? 'too few images to compare' : parts.join('\n\n');
}

function featuresText(features: FeatureComparison): string {
  return [
    "the same images on the features of a classifier that pushforward fitted, made as FID and KID are but not on Inception's",
    'features: they rank models of these images by this classifier, and do not compare with published figures',
    comparisonTable(
      features,
      {
        frechet: ['Fréchet distance', 'lower is better'],
        kernel: ['kernel distance', 'lower is better'],
      },
      'images',
    ),
  ].join('\n');
}
