import { imageRows } from '../../data/images/imageRows.js';
import { type ImageSet, spreadPlaces } from '../../data/images/imageSet.js';
import { rowsAt } from '../../data/rowSource.js';
import { imageSize } from '../../imageShape.js';
import { energyStatistic } from '../../metrics/energy.js';
import { kernelDistance } from '../../metrics/kernelDistance.js';
import { neighbourMetrics } from '../../metrics/neighbours.js';
import { slicedWasserstein } from '../../metrics/slicedWasserstein.js';
import { type Tensor2D, tf } from '../../tf.js';
import type { ImageModelName } from './catalogue.js';
import { type ImageModel, pixelRows } from './model.js';
import type { PixelRows } from './plan.js';
import type { ImageEvaluation, ImageLikelihood, SampleDistances, SampleMetrics } from './types.js';

/** A model and what its rows are. */
export interface EvaluatedModel {
  readonly name: ImageModelName;
  readonly model: ImageModel;
  readonly rows: PixelRows;
  /** Of the fit: what is drawn at random about rows comes from it. */
  readonly seed: number;
}

/** Real images that samples are compared with, half of them to find the floor with. */
const COMPARED = 2000;
const LEAST_COMPARED = 16;
const NEIGHBOURS = 5;
const PROJECTIONS = 500;

/** What the images show of the model, `scored` of them at most by their likelihood. */
export async function evaluateImages(
  evaluated: EvaluatedModel,
  images: ImageSet,
  { samples, seed, scored }: { readonly samples: number; readonly seed: number; readonly scored: number },
): Promise<ImageEvaluation> {
  const start = performance.now();
  const places = spreadPlaces(images.count, scored);
  const likelihood = likelihoodOf(evaluated, images, places, { samples, seed });
  return {
    model: evaluated.name,
    images: images.count,
    likelihood,
    samples: images.count < LEAST_COMPARED ? null : compare(evaluated.model, images, seed),
    seconds: (performance.now() - start) / 1000,
  };
}

function likelihoodOf(
  { model, rows, seed: fitSeed }: EvaluatedModel,
  images: ImageSet,
  places: Int32Array,
  options: { readonly samples: number; readonly seed: number },
): ImageLikelihood | null {
  if (model.density === null) return null;
  const { logProb, elbo } = model.density.score(pixelRows(images, rows, fitSeed), places, options);
  const logLikelihood = mean(logProb);
  const variance = mean(logProb.map((value) => (value - logLikelihood) ** 2));
  return {
    images: places.length,
    logLikelihood,
    standardError: Math.sqrt(variance / Math.max(1, places.length - 1)),
    elbo: mean(elbo),
    bitsPerDimension: bitsPerDimension(model, logLikelihood, images),
    samples: options.samples,
  };
}

/** Null for a model whose density is of continuous pixels. */
export function bitsPerDimension(model: ImageModel, logProb: number, { shape }: ImageSet): number | null {
  return model.density?.isProbability ? -logProb / (imageSize(shape) * Math.LN2) : null;
}

/** Generated images against one half of the real ones, and the other half against it. */
function compare(model: ImageModel, images: ImageSet, seed: number): SampleMetrics {
  const n = Math.floor(Math.min(COMPARED, images.count) / 2);
  const size = imageSize(images.shape);
  const all = spreadPlaces(images.count, 2 * n);
  const rows = imageRows(images);
  const half = (odd: number) =>
    rowsAt(
      rows,
      all.filter((_, i) => i % 2 === odd),
      [size],
    ) as Tensor2D;
  const [real, other] = [half(0), half(1)];
  const generated = tf.tensor2d(model.sample(n, { seed }), [n, size]);
  try {
    return {
      images: n,
      ...distances(generated, real),
      floor: distances(other, real),
      ...neighbourMetrics(real, generated, Math.min(NEIGHBOURS, n - 1)),
    };
  } finally {
    tf.dispose([real, other, generated]);
  }
}

function distances(a: Tensor2D, b: Tensor2D): SampleDistances {
  return {
    energy: energyStatistic(a, b),
    slicedWasserstein: slicedWasserstein(a, b, { projections: PROJECTIONS }),
    kernel: kernelDistance(a, b).squared,
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
