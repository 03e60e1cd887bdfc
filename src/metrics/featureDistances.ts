import { type Tensor, tf } from '../tf.js';
import { type Comparison, compareHalves, halvesOf } from './comparison.js';
import { frechetDistance } from './frechetDistance.js';
import type { ImageClassifier } from './imageClassifier.js';
import { cubicKernelDistance } from './kernelDistance.js';

/** Distances between two sets of images on features of pushforward's own classifier. */
export type FeatureDistances = {
  /** `frechetDistance`: made like FID. */
  readonly frechet: number;
  /** `cubicKernelDistance`: made like KID. */
  readonly kernel: number;
};

/** Generated images beside other real ones, on the features of one classifier. */
export type FeatureComparison = Comparison<FeatureDistances>;

/**
 * How far generated images are from real ones on the features of pushforward's own classifier. They are made as FID
 * and KID are, but not on Inception's features, and so are comparable with each other under the same classifier and
 * with nothing that is published. Two sets of real images give the floor.
 * @throws PushforwardError `shape` for images that are not of the classifier's shape, `usage` for fewer than two of
 * them, or more than 16,384 in all.
 */
export function featureDistances(
  classifier: ImageClassifier,
  real: Tensor,
  generated: Tensor,
): FeatureDistances {
  return tf.tidy(() => distances(classifier.features(real), classifier.features(generated)));
}

/**
 * Splits n real images into two halves and holds m = ⌊n / 2⌋ generated ones against each, beside what the one half has
 * against the other; see `compareHalves`. The Fréchet distance grows as images get fewer, so that its floor is needed
 * beside it.
 * @param generated at least m images.
 * @throws PushforwardError as `featureDistances`.
 */
export function compareFeatures(
  classifier: ImageClassifier,
  real: Tensor,
  generated: Tensor,
): FeatureComparison {
  return tf.tidy(() =>
    compareHalves(halvesOf(classifier.features(real)), classifier.features(generated), distances),
  );
}

function distances(a: Tensor, b: Tensor): FeatureDistances {
  return { frechet: frechetDistance(a, b), kernel: cubicKernelDistance(a, b) };
}
