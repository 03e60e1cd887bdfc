import { imageRows } from '../../data/images/imageRows.js';
import { type ImageSet, spreadPlaces } from '../../data/images/imageSet.js';
import { type ContextRows, rowsAt } from '../../data/rowSource.js';
import { imageSize } from '../../imageShape.js';
import { FEWEST_ROWS } from '../../metrics/comparison.js';
import { compareFeatures } from '../../metrics/featureDistances.js';
import type { ImageClassifier } from '../../metrics/imageClassifier.js';
import { compareSamples } from '../../metrics/sampleComparison.js';
import type { ImageFigures, ImageLikelihood } from '../../report/images.js';
import { type Tensor2D, tf } from '../../tf.js';
import type { ImageModelName } from './catalogue.js';
import { contextOf, type LabelCondition } from './condition.js';
import type { ImageRunConfig } from './config.js';
import { type ImageModel, pixelRows } from './model.js';
import type { PixelRows } from './plan.js';
import type { ImageEvaluation } from './types.js';

/** A model and what its rows are. */
export interface EvaluatedModel {
  readonly name: ImageModelName;
  readonly model: ImageModel;
  readonly rows: PixelRows;
  readonly condition: LabelCondition | null;
  /** Of the fit: what is drawn at random about rows comes from it. */
  readonly seed: number;
}

/** Real images that samples are compared with at most. */
export const COMPARED = 2000;

/** What is evaluated of a run. */
export function evaluatedModel(
  model: ImageModel,
  { settings, plan, condition = null }: ImageRunConfig,
): EvaluatedModel {
  return { name: settings.model, model, rows: plan.rows, condition, seed: settings.seed };
}

/** Images as the rows that the model scores, with their classes where it has any. */
export function scoredRows({ rows, condition, seed }: EvaluatedModel, images: ImageSet): ContextRows {
  return { x: pixelRows(images, rows, seed), ...contextOf(condition, images) };
}

/** What the images show of the model, `scored` of them at most by their likelihood. */
export async function evaluateImages(
  evaluated: EvaluatedModel,
  images: ImageSet,
  {
    samples,
    seed,
    scored,
    classifier,
  }: {
    readonly samples: number;
    readonly seed: number;
    readonly scored: number;
    readonly classifier?: ImageClassifier | undefined;
  },
): Promise<ImageEvaluation> {
  const start = performance.now();
  const places = spreadPlaces(images.count, scored);
  const likelihood = likelihoodOf(evaluated, images, places, { samples, seed });
  return {
    model: evaluated.name,
    images: images.count,
    likelihood,
    ...compare(evaluated, images, seed, classifier),
    seconds: (performance.now() - start) / 1000,
  };
}

function likelihoodOf(
  evaluated: EvaluatedModel,
  images: ImageSet,
  places: Int32Array,
  options: { readonly samples: number; readonly seed: number },
): ImageLikelihood | null {
  const { model } = evaluated;
  if (model.density === null) return null;
  const { logProb, elbo } = model.density.score(scoredRows(evaluated, images), places, options);
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

/**
 * Generated images beside real ones, as rows of pixels in [0, 1] and by the features of a classifier; their classes are
 * those of as many real ones.
 */
function compare(
  { model, condition }: EvaluatedModel,
  images: ImageSet,
  seed: number,
  classifier: ImageClassifier | undefined,
): Pick<ImageFigures, 'samples' | 'features'> {
  if (images.count < FEWEST_ROWS) return { samples: null };
  const n = Math.floor(Math.min(COMPARED, images.count) / 2);
  const size = imageSize(images.shape);
  const all = spreadPlaces(images.count, 2 * n);
  // Every other one, lest images that lie in the order of their classes make halves of different classes.
  const [even, odd] = [0, 1].map((rest) => all.filter((_, i) => i % 2 === rest)) as [Int32Array, Int32Array];
  const { context } = contextOf(condition, images);
  return tf.tidy(() => {
    const given = context && { context: rowsAt(context, odd, [context.width]) as Tensor2D };
    const real = rowsAt(imageRows(images), Int32Array.of(...even, ...odd), [size]);
    const generated = tf.tensor2d(model.sample(n, { seed, ...given }), [n, size]);
    return {
      samples: compareSamples(real, generated),
      ...(classifier === undefined ? {} : { features: compareFeatures(classifier, real, generated) }),
    };
  });
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
