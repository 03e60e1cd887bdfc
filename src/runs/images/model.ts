import { type ImageRowsOptions, imageRows } from '../../data/images/imageRows.js';
import type { ImageSet } from '../../data/images/imageSet.js';
import { spreadPlaces } from '../../data/images/imageSet.js';
import { binarisedRows, type ContextRows, type RowSource } from '../../data/rowSource.js';
import type { SampleOptions } from '../../model.js';
import type { TrainHooks } from '../../train/fit.js';
import type { ExportOptions, NetworkExportReport } from '../checkedGraphs.js';
import type { NamedWeights } from '../savedModel.js';
import type { TrainOutcome } from '../start.js';
import { labelContext } from './condition.js';
import type { PixelRows } from './plan.js';

/** Images in a grid, as intensities in [0, 1] one after the other. */
export interface Picture {
  readonly name: 'samples' | 'reconstructions' | 'interpolations';
  readonly values: Float32Array;
  /** Images side by side. */
  readonly columns: number;
}

/** An epoch as progress, metrics and pictures want it. */
export interface ImageEpoch {
  readonly epoch: number;
  /** What is watched, in the order to show it in. */
  readonly figures: Readonly<Record<string, number>>;
  /** All that is measured, for `metrics.jsonl`. */
  readonly record: object;
  readonly best: boolean;
  readonly rowsPerSecond: number;
  /** Drawn with a fixed seed, for epochs that are to have any. */
  readonly pictures: readonly Picture[];
}

export interface ImageTrainHooks
  extends Pick<TrainHooks, 'onStep' | 'onWarning' | 'onResume' | 'signal' | 'checkpoint'> {
  readonly onEpoch: (epoch: ImageEpoch) => Promise<void>;
  /** Whether an epoch is to have pictures. */
  readonly hasPictures: (epoch: number) => boolean;
}

/** Log-likelihoods of images, as their model has them. */
export interface ImageDensity {
  /**
   * log p by importance sampling and the evidence lower bound of each row, nats, both by draws that are a function of
   * the seed and the row's place in the list.
   */
  score(
    rows: ContextRows,
    places: Int32Array,
    options: { readonly samples: number; readonly seed: number },
  ): { readonly logProb: Float64Array; readonly elbo: Float64Array };
  /** Whether exp(log p) is a probability of pixels, so that it makes bits. */
  readonly isProbability: boolean;
  /** Draws for each image when nobody says how many. */
  readonly defaultSamples: number;
}

/** Training and validation images as rows, with their classes as context for a conditional model. */
export interface ImageParts {
  readonly training: ContextRows;
  readonly validation: ContextRows;
}

/** A model of images, of whatever family. */
export interface ImageModel {
  readonly weights: NamedWeights;
  /** Numbers that are trained. */
  readonly parameters: number;
  /** Null for a model that has none. */
  readonly density: ImageDensity | null;
  /** n images as intensities in [0, 1], one after the other; a conditional model wants their context [n, classes]. */
  sample(n: number, options: SampleOptions): Float32Array;
  /** Fits it, and leaves it with the weights that are kept. @throws PushforwardError `numeric` when it diverges. */
  fit(parts: ImageParts, hooks: ImageTrainHooks): Promise<TrainOutcome>;
  /** What shows how good it is, `rows` being of images that it was not fitted to. */
  pictures(rows: ContextRows): Picture[];
  export(folder: string, options: ExportOptions): Promise<NetworkExportReport>;
  dispose(): void;
}

/**
 * Pictures of the weights that validations were of, which are not those that the next step goes on from: hooks for a
 * fit that tells of its validations, one of them before the first epoch.
 */
export function validationPictures(
  { hasPictures, onResume }: Pick<ImageTrainHooks, 'hasPictures' | 'onResume'>,
  draw: () => Picture[],
) {
  let epoch = 0;
  let validations = 0;
  let pictures: Picture[] = [];
  return {
    onResume: async (at: number): Promise<void> => {
      epoch = at;
      await onResume?.(at);
    },
    onValidated: (): void => {
      pictures = validations > 0 && hasPictures(epoch + 1) ? draw() : [];
      validations += 1;
    },
    /** Those of the epoch that is done. */
    take: (done: number): readonly Picture[] => {
      epoch = done;
      return pictures;
    },
  };
}

/** Images in a grid of samples. */
export const GRID = 64;
export const GRID_COLUMNS = 8;
/** Of the pictures, so that they are of the same latents from epoch to epoch. */
const PICTURE_SEED = 0;

/** Classes that a grid of samples has a line of, at most. */
const MOST_LINES = 32;

/** New images in a grid: of a model with classes a line of each, or of some where they are many. */
export function samplesPicture(classes: number, sample: ImageModel['sample']): Picture {
  const picture = (values: Float32Array): Picture => ({ name: 'samples', values, columns: GRID_COLUMNS });
  if (classes === 0) return picture(sample(GRID, { seed: PICTURE_SEED }));
  const lines = spreadPlaces(classes, MOST_LINES);
  const n = lines.length * GRID_COLUMNS;
  const labels = Int32Array.from({ length: n }, (_, i) => lines[Math.floor(i / GRID_COLUMNS)] as number);
  const context = labelContext(labels, classes);
  try {
    return picture(sample(n, { seed: PICTURE_SEED, context }));
  } finally {
    context.dispose();
  }
}

/** Images as rows of a model; what is drawn at random about them comes from the seed. */
export function pixelRows(images: ImageSet, kind: PixelRows, seed: number): RowSource {
  return rowsAs(imageRows(images, rowOptions(kind, seed)), kind, seed);
}

/** How images are read as rows of intensities, for `rowsAs`. */
export function rowOptions(kind: PixelRows, seed: number): ImageRowsOptions {
  return kind === 'dequantised' ? { dequantise: true, seed } : {};
}

/** Rows of intensities as those of a model; see `pixelRows`. */
export function rowsAs(rows: RowSource, kind: PixelRows, seed: number): RowSource {
  return kind === 'binarised' ? binarisedRows(rows, seed) : rows;
}

/** Intensities that are none, by a little, brought to [0, 1]. */
export function clipped(values: Float32Array): Float32Array {
  return values.map((value) => Math.min(1, Math.max(0, value)));
}
