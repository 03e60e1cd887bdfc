import { takeImages } from '../../data/images/imageSet.js';
import { inMemory } from '../../data/images/pictures.js';
import { type ReadImagesOptions, readImages } from '../../data/images/readImages.js';
import { splitRows } from '../../data/split.js';
import { PushforwardError } from '../../errors.js';
import { checkWritable } from '../../files.js';
import type { ImageShape } from '../../imageShape.js';
import { CLASSIFIER_BATCH, CLASSIFIER_EPOCHS, fitImageClassifier } from '../../metrics/fitImageClassifier.js';
import { saveImageClassifier } from '../../metrics/savedImageClassifier.js';
import { tf } from '../../tf.js';
import { trainingNews } from '../startTraining.js';
import type { FitOptions } from '../types.js';
import type { ImageSource } from './types.js';

export interface FitClassifierOptions
  extends ReadImagesOptions,
    Pick<FitOptions, 'seed' | 'epochs' | 'onEvent' | 'signal'> {
  /** The file to write. */
  readonly out: string;
}

/** What the fit of a classifier found. */
export interface ClassifierReport {
  readonly out: string;
  readonly shape: ImageShape;
  readonly classes: readonly string[];
  readonly split: { readonly train: number; readonly validation: number };
  /** Share of the validation images that it takes for what they are. */
  readonly accuracy: number;
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly seconds: number;
}

/** Share of the images that decides which epoch's weights are kept. */
const VALIDATION = 0.1;

/**
 * Fits the classifier whose features `evaluate` can compare images on, to images with labels, and writes it to a file.
 * @throws PushforwardError `input` for images without labels and for a file that cannot be written, `aborted` after
 * `signal`; nothing is then written.
 */
export async function fitClassifier(
  source: ImageSource,
  options: FitClassifierOptions,
): Promise<ClassifierReport> {
  const { out, seed = 0, epochs = CLASSIFIER_EPOCHS, onEvent, signal: _signal, ...reading } = options;
  const start = performance.now();
  await checkWritable(out);
  await tf.ready();
  const images = typeof source === 'string' ? await readImages(source, reading) : await inMemory(source);
  const { shape, classes = [] } = images;
  onEvent?.({ kind: 'images', source: images.source, images: images.count, shape });
  const { train, validation } = splitRows(images.count, { validation: VALIDATION, test: 0, seed });
  const parts = { training: takeImages(images, train), validation: takeImages(images, validation) };
  const batchSize = Math.min(CLASSIFIER_BATCH, train.length);
  const stepsPerEpoch = Math.ceil(train.length / batchSize);
  const { tellEpoch, ...hooks } = trainingNews({ epochs, stepsPerEpoch }, options);
  const { classifier, accuracy, aborted, ...fitted } = await fitImageClassifier({
    ...parts,
    seed,
    epochs,
    batchSize,
    ...hooks,
    onEpoch: ({ epoch, train, validation, best, rowsPerSecond, factors }) => {
      const share = factors.classifier?.measures?.accuracy as number;
      tellEpoch({ epoch, figures: { train, validation, accuracy: share }, best, rowsPerSecond });
    },
  });
  try {
    if (aborted)
      throw new PushforwardError('aborted', `stopped after epoch ${fitted.epochs}; nothing was written`);
    await saveImageClassifier(classifier, out);
  } finally {
    classifier.dispose();
  }
  return {
    out,
    shape,
    classes,
    split: { train: parts.training.count, validation: parts.validation.count },
    accuracy,
    ...fitted,
    seconds: (performance.now() - start) / 1000,
  };
}
