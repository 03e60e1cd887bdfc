import { type Tensor, tf } from '../tf.js';
import { frechetDistance } from './frechetDistance.js';
import type { ImageClassifier } from './imageClassifier.js';
import { cubicKernelDistance } from './kernelDistance.js';

/** Distances between two sets of images on features of pushforward's own classifier. */
export interface FeatureDistances {
  /** `frechetDistance`: made like FID. */
  readonly frechet: number;
  /** `cubicKernelDistance`: made like KID. */
  readonly kernel: number;
}

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
  return tf.tidy(() => {
    const [a, b] = [classifier.features(real), classifier.features(generated)];
    return { frechet: frechetDistance(a, b), kernel: cubicKernelDistance(a, b) };
  });
}
