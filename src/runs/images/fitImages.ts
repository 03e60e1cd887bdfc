import { basename, join } from 'node:path';
import { type ImageFacts, type ImageSet, spreadPlaces } from '../../data/images/imageSet.js';
import { withUsedClasses } from '../../data/images/labels.js';
import { openRows } from '../../data/images/openRows.js';
import { inMemory, type PictureSet, takeSome } from '../../data/images/pictures.js';
import { openImages } from '../../data/images/readImages.js';
import { type ContextRows, firstPlaces } from '../../data/rowSource.js';
import { joinParts, splitRows } from '../../data/split.js';
import { PushforwardError } from '../../errors.js';
import { writeImageGrid } from '../../report/imageGrid.js';
import { tf } from '../../tf.js';
import { libraryVersion } from '../config.js';
import { ganStepsPerEpoch } from '../fitGan.js';
import { folderToFit, type RunPaths } from '../folder.js';
import { summaryOf, type TrainOutcome, writeStart } from '../start.js';
import { startTraining } from '../startTraining.js';
import type { FitSummary } from '../types.js';
import { imageCatalogue } from './catalogue.js';
import { conditionOf, contextOf } from './condition.js';
import { buildImageModel, type ImageRunConfig, imageFingerprint } from './config.js';
import { COMPARED, evaluatedModel, evaluateImages } from './evaluate.js';
import { exportedFacts, FittedImages } from './imageRun.js';
import {
  type ImageEpoch,
  type ImageModel,
  type ImageParts,
  type ImageTrainHooks,
  type Picture,
  rowOptions,
  rowsAs,
} from './model.js';
import { type ImagePlan, LOOKED_AT, planImages } from './plan.js';
import { loadImageConfig, saveImageModel, saveImageReport } from './savedRun.js';
import { readOptionsOf, resolveImageSettings } from './settings.js';
import type { FitImagesOptions, ImageFitReport, ImageRun, ImageSource } from './types.js';

/** Held-out images whose likelihood is estimated at the end of a fit; `evaluate` takes all it is given. */
const SCORED = 500;
/** Epochs that have pictures, about, besides the last. */
const PICTURED_EPOCHS = 50;

/** What is known before the first step. */
interface PreparedFit {
  readonly model: ImageModel;
  readonly config: ImageRunConfig;
  /** In memory or in files. */
  readonly training: ImageSet | PictureSet;
  readonly validation: ImageSet | PictureSet;
  /** As many of the test images as are looked at. */
  readonly test: ImageSet;
}

/**
 * Fits a model of images and writes its run folder: weights, ONNX files, metrics, report, and pictures of samples (of a
 * VAE reconstructions and interpolations too) at its epochs, always of the same latents.
 *
 * The figures in `run.report` are of images that neither the fit nor its early stopping saw.
 *
 * @throws PushforwardError `usage`, `input` or `shape`, before anything is written, for options, images and networks
 * that cannot be used; `aborted` after `signal`; `numeric` when training diverges; `disagreement` when ONNX Runtime does
 * not reproduce the model.
 */
export async function fitImages(source: ImageSource, options: FitImagesOptions = {}): Promise<ImageRun> {
  const start = performance.now();
  const paths = await folderToFit(options);
  const saved = options.resume ? await loadImageConfig(paths) : undefined;
  const settings = resolveImageSettings(options, saved?.settings);
  await tf.ready();
  const found = typeof source === 'string' ? await openImages(source, readOptionsOf(settings)) : source;
  const images = settings.condition === null ? found : withUsedClasses(found);
  const { shape } = images;
  options.onEvent?.({ kind: 'images', source: images.source, images: images.count, shape });
  const prepared = await prepareFit(images, settings, saved?.plan);
  const { model, config, test } = prepared;
  try {
    await writeStart(paths, config, options, saved, 'images');
    const { figures, ...summary } = await trainAndDraw(prepared, paths, options);
    options.onEvent?.({ kind: 'stage', message: 'measuring the held-out images' });
    const evaluated = evaluatedModel(model, config);
    const evaluation = await evaluateImages(evaluated, test, {
      samples: model.density?.defaultSamples ?? 1,
      seed: settings.seed,
      scored: SCORED,
    });
    await saveImageModel(paths, model);
    options.onEvent?.({ kind: 'stage', message: 'writing and checking the ONNX files' });
    const { maxRelativeError } = await model.export(paths.folder, exportedFacts(evaluation, config));
    const report: ImageFitReport = {
      ...evaluation,
      ...summary,
      figures,
      onnx: { maxRelativeError },
      files: [],
      seconds: (performance.now() - start) / 1000,
    };
    const whole = await saveImageReport(paths, report, config);
    return new FittedImages({ folder: paths.folder, model, config, report: whole });
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function prepareFit(
  images: ImageSet | PictureSet,
  settings: ImageRunConfig['settings'],
  saved: ImagePlan | undefined,
): Promise<PreparedFit> {
  checkDrawable(images);
  const split = splitRows(images.count, settings);
  const isStopped = imageCatalogue[settings.model].family !== 'gan';
  const train = isStopped ? split.train : joinParts(split.train, split.validation);
  const training = takeSome(images, train);
  const first = firstPlaces(Math.min(LOOKED_AT, training.count));
  const condition = settings.condition === null ? null : conditionOf(training);
  const seen = spreadPlaces(split.test.length, COMPARED).map((place) => split.test[place] as number);
  // A run that is gone on with keeps its plan, which another version may have made otherwise.
  const plan = saved ?? planImages(settings, await inMemory(takeSome(training, first)), training.count);
  return {
    model: await buildImageModel(plan),
    config: {
      version: 1,
      kind: 'images',
      pushforward: libraryVersion,
      source: basename(images.source),
      shape: images.shape,
      settings,
      split: {
        train: training.count,
        validation: isStopped ? split.validation.length : 0,
        test: split.test.length,
      },
      plan,
      condition,
      fingerprint: await imageFingerprint(settings, images),
    },
    training,
    validation: takeSome(images, split.validation),
    test: await inMemory(takeSome(images, seen)),
  };
}

/** @throws PushforwardError `input` for images that no picture can be made of. */
function checkDrawable({ shape: { channels }, source }: ImageFacts): void {
  if (channels === 1 || channels === 3) return;
  throw new PushforwardError('input', `images of ${channels} channels`, {
    where: source,
    mend: 'give images of 1 channel, or of the 3 of red, green and blue',
  });
}

/** Trains the model and draws the last pictures. */
function trainAndDraw(
  prepared: PreparedFit,
  paths: RunPaths,
  options: FitImagesOptions,
): Promise<Omit<FitSummary, 'files'> & { figures: ImageEpoch['figures'] }> {
  const { model, config } = prepared;
  return withRows(prepared.training, config, 0, (training) =>
    withRows(prepared.validation, config, 1, async (validation) => {
      const { result, figures } = await train(prepared, { training, validation }, paths, options);
      const summary = summaryOf(result, config, paths);
      await drawPictures(paths, config, model.pictures(validation), 'final');
      return { ...summary, figures };
    }),
  );
}

async function train(
  { model, config, training }: PreparedFit,
  parts: ImageParts,
  paths: RunPaths,
  options: FitImagesOptions,
): Promise<{ result: TrainOutcome; figures: ImageEpoch['figures'] }> {
  const { plan, settings } = config;
  const { epochs, batchSize } = plan.training;
  const criticSteps = plan.family === 'gan' ? plan.training.criticSteps : undefined;
  const stepsPerEpoch =
    plan.family === 'gan'
      ? ganStepsPerEpoch(training.count, batchSize, criticSteps)
      : Math.ceil(training.count / batchSize);
  const { tellEpoch, ...shared } = startTraining(
    { model: settings.model, parameters: model.parameters, epochs, stepsPerEpoch },
    config,
    paths,
    options,
  );
  const every = Math.ceil(epochs / PICTURED_EPOCHS);
  let figures: ImageEpoch['figures'] = {};
  const hooks: ImageTrainHooks = {
    ...shared,
    hasPictures: (epoch) => epoch % every === 0 || epoch === 1,
    onEpoch: async ({ record, pictures, ...news }) => {
      figures = news.figures;
      await drawPictures(paths, config, pictures, `epoch-${String(news.epoch).padStart(4, '0')}`);
      await tellEpoch(news, record);
    },
  };
  return { result: await model.fit(parts, hooks), figures };
}

/** Hands over the rows of a set, open for as long; `part` gives what is drawn at random about them a seed of its own. */
async function withRows<T>(
  images: ImageSet | PictureSet,
  { plan, settings, condition = null }: ImageRunConfig,
  part: number,
  use: (rows: ContextRows) => Promise<T>,
): Promise<T> {
  const seed = settings.seed + part;
  const { rows, close } = await openRows(images, rowOptions(plan.rows, seed));
  try {
    return await use({ x: rowsAs(rows, plan.rows, seed), ...contextOf(condition, images) });
  } finally {
    await close();
  }
}

async function drawPictures(
  { folder }: RunPaths,
  { shape }: ImageRunConfig,
  pictures: readonly Picture[],
  name: string,
): Promise<void> {
  for (const { name: kind, values, columns } of pictures) {
    await writeImageGrid(join(folder, kind, `${name}.png`), values, shape, { columns });
  }
}
