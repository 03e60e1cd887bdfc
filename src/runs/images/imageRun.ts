import { stat } from 'node:fs/promises';
import { checkWhole } from '../../checks.js';
import type { ImageSet } from '../../data/images/imageSet.js';
import { withClasses } from '../../data/images/labels.js';
import { inMemory } from '../../data/images/pictures.js';
import { type ReadImagesOptions, readImages } from '../../data/images/readImages.js';
import { firstPlaces } from '../../data/rowSource.js';
import { checkDraw } from '../../draw.js';
import { PushforwardError } from '../../errors.js';
import { describeImageShape, type ImageShape } from '../../imageShape.js';
import type { ImageClassifier } from '../../metrics/imageClassifier.js';
import { loadImageClassifier } from '../../metrics/savedImageClassifier.js';
import { tf } from '../../tf.js';
import type { ExportOptions, NetworkExportReport } from '../checkedGraphs.js';
import type { ImageModelName } from './catalogue.js';
import { chooseLabels, labelContext } from './condition.js';
import type { ImageRunConfig } from './config.js';
import {
  bitsPerDimension,
  type EvaluatedModel,
  evaluatedModel,
  evaluateImages,
  scoredRows,
} from './evaluate.js';
import type { ImageModel } from './model.js';
import { readOptionsOf } from './settings.js';
import type {
  EvaluateImagesOptions,
  ImageEvaluation,
  ImageFitReport,
  ImageRun,
  ImageScores,
  ImageSource,
  SampleImagesOptions,
  ScoreImagesOptions,
} from './types.js';

/** All that a finished fit of images leaves. */
export interface ImageRunParts {
  readonly folder: string;
  readonly model: ImageModel;
  readonly config: ImageRunConfig;
  readonly report: ImageFitReport;
}

/** A fitted model of images in memory, with its folder. */
export class FittedImages implements ImageRun {
  readonly kind = 'images';
  readonly folder: string;
  readonly report: ImageFitReport;
  readonly #model: ImageModel;
  readonly #config: ImageRunConfig;

  constructor({ folder, model, config, report }: ImageRunParts) {
    this.folder = folder;
    this.report = report;
    this.#model = model;
    this.#config = config;
  }

  get shape(): ImageShape {
    return this.#config.shape;
  }

  get model(): ImageModelName {
    return this.#config.settings.model;
  }

  get classes(): readonly string[] | null {
    return this.#evaluated().condition?.classes ?? null;
  }

  async sample(count: number, { condition, ...options }: SampleImagesOptions = {}): Promise<ImageSet> {
    const { seed } = checkDraw(count, options);
    checkWhole('the number of images', count);
    const chosen = chooseLabels(this.#evaluated().condition, count, {
      seed,
      ...(condition === undefined ? {} : { condition }),
    });
    const values = tf.tidy(() => {
      const context = chosen && labelContext(chosen.labels, chosen.classes.length);
      return this.#model.sample(count, { ...options, ...(context === null ? {} : { context }) });
    });
    const pixels = Uint8Array.from(values, (value) => Math.round(255 * value));
    return { shape: this.shape, count, pixels, source: this.folder, ...chosen };
  }

  async score(source: ImageSource, options: ScoreImagesOptions = {}): Promise<ImageScores> {
    const { density } = this.#model;
    const { samples = density?.defaultSamples ?? 1, seed = 0, ...reading } = options;
    if (density === null) {
      throw new PushforwardError('usage', `a ${this.model} has no density, so it cannot score images`, {
        where: this.folder,
        mend: 'fit a vae to score images, or compare samples with `evaluate`',
      });
    }
    checkWhole('samples', samples);
    const images = await this.#read(source, reading);
    const rows = scoredRows(this.#evaluated(), images);
    const found = density.score(rows, firstPlaces(images.count), { samples, seed });
    const bits = found.logProb.map((value) => bitsPerDimension(this.#model, value, images) ?? Number.NaN);
    return { ...found, bitsPerDimension: density.isProbability ? bits : null, samples, images };
  }

  async evaluate(source: ImageSource, options: EvaluateImagesOptions = {}): Promise<ImageEvaluation> {
    const { samples = this.#model.density?.defaultSamples ?? 1, seed = 0, classifier, ...reading } = options;
    checkWhole('samples', samples);
    const judge = typeof classifier === 'string' ? await loadImageClassifier(classifier) : classifier;
    try {
      if (judge !== undefined) this.#checkClassifier(judge.shape, classifier);
      const images = await this.#read(source, reading);
      const scored = images.count;
      return await evaluateImages(this.#evaluated(), images, { samples, seed, scored, classifier: judge });
    } finally {
      if (judge !== classifier) judge?.dispose();
    }
  }

  async export(folder: string): Promise<NetworkExportReport> {
    return this.#model.export(folder, exportedFacts(this.report, this.#config));
  }

  dispose(): void {
    this.#model.dispose();
  }

  #evaluated(): EvaluatedModel {
    return evaluatedModel(this.#model, this.#config);
  }

  #checkClassifier(shape: ImageShape, classifier: ImageClassifier | string | undefined): void {
    const [given, fitted] = [shape, this.shape].map(describeImageShape);
    if (given === fitted) return;
    throw new PushforwardError('input', `a classifier of ${given} for images of ${fitted}`, {
      ...(typeof classifier === 'string' ? { where: classifier } : {}),
      mend: 'give one that was fitted to images of that size',
    });
  }

  /** Images, brought to the size of the fit where that was asked for, their labels to the classes of the fit. */
  async #read(source: ImageSource, options: ReadImagesOptions): Promise<ImageSet> {
    const { size, channels } = readOptionsOf(this.#config.settings);
    const isFolder = typeof source === 'string' && (await stat(source).catch(() => null))?.isDirectory();
    const images = await imagesFrom(source, {
      ...(isFolder && size !== undefined ? { size } : {}),
      ...(isFolder && channels !== undefined ? { channels } : {}),
      ...options,
    });
    checkAlike(images, this.shape);
    return this.classes === null ? images : withClasses(images, this.classes);
  }
}

/** Reads images unless they are in memory already. */
async function imagesFrom(source: ImageSource, options: ReadImagesOptions): Promise<ImageSet> {
  return typeof source === 'string' ? readImages(source, options) : inMemory(source);
}

/** What exported files say of a run: the figures of its held-out images, and its classes. */
export function exportedFacts(
  { likelihood, samples, images }: ImageEvaluation,
  { condition }: ImageRunConfig,
): ExportOptions {
  const heldOut = {
    images,
    ...(likelihood === null ? {} : { logLikelihood: likelihood.logLikelihood, elbo: likelihood.elbo }),
    ...(samples === null ? {} : { energy: samples.model.energy, energyOfReal: samples.real.energy }),
  };
  return { heldOut, ...(condition ? { classes: condition.classes } : {}) };
}

function checkAlike({ shape, source }: ImageSet, fitted: ImageShape): void {
  const [given, wanted] = [shape, fitted].map(describeImageShape);
  if (given === wanted) return;
  throw new PushforwardError('input', `images of ${given} for a model of ${wanted}`, {
    where: source,
    mend: 'give images of the size that the model was fitted to',
  });
}
