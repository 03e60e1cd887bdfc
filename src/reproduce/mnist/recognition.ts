import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PushforwardError } from '../../errors.js';
import { fitImageClassifier } from '../../metrics/fitImageClassifier.js';
import type { ImageClassifier } from '../../metrics/imageClassifier.js';
import { loadImageClassifier, saveImageClassifier } from '../../metrics/savedImageClassifier.js';
import type { ExperimentSettings } from '../experiment.js';
import { type Digits, firstImages, imageTensor, splitDigits } from './digits.js';

const QUICK = { digits: 20_000, epochs: 2 };

/** A classifier of digits with what it is worth. */
export interface DigitClassifier {
  readonly classifier: ImageClassifier;
  /** Share of the test digits that it takes for what they are. */
  readonly accuracy: number;
}

/**
 * The library's own classifier, fitted to the training digits; the one that an experiment before left in the folder
 * above the experiment's, where there is one.
 * @throws PushforwardError `aborted` when the signal stopped the fit.
 */
export async function digitClassifier(
  digits: Digits,
  { quick, folder, signal }: ExperimentSettings,
): Promise<DigitClassifier> {
  const path =
    folder && join(folder, '..', quick ? 'classifier-quick.safetensors' : 'classifier.safetensors');
  const isThere = path !== undefined && existsSync(path);
  const classifier = isThere ? await loadImageClassifier(path) : await fitted(digits, quick, signal);
  if (path !== undefined && !isThere) await saveImageClassifier(classifier, path);
  const x = imageTensor(digits.test);
  const found = classifier.labels(x);
  x.dispose();
  const hits = found.reduce((sum, label, i) => sum + Number(label === digits.test.labels?.[i]), 0);
  return { classifier, accuracy: hits / found.length };
}

async function fitted(
  digits: Digits,
  quick: boolean,
  signal: AbortSignal | undefined,
): Promise<ImageClassifier> {
  const { training, validation } = splitDigits(digits, 0);
  const { classifier, aborted } = await fitImageClassifier({
    training: quick ? firstImages(training, QUICK.digits) : training,
    validation,
    ...(quick ? { epochs: QUICK.epochs } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  if (aborted) {
    classifier.dispose();
    throw new PushforwardError('aborted', 'stopped while the classifier was fitted');
  }
  return classifier;
}
