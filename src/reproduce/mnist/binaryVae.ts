import { join } from 'node:path';
import { imageRows } from '../../data/images/imageRows.js';
import type { ImageSet } from '../../data/images/imageSet.js';
import { binarisedRows } from '../../data/rowSource.js';
import { type Tensor, tf } from '../../tf.js';
import type { VaeConfig } from '../../vae/config.js';
import type { VaeObjective } from '../../vae/objective.js';
import type { Vae } from '../../vae/vae.js';
import { budgetOf } from '../budget.js';
import type { ExperimentSettings, Figure } from '../experiment.js';
import { DIGIT, type Digits, firstImages, splitDigits } from './digits.js';
import { type NllEstimates, negativeLogLikelihoods } from './likelihoods.js';
import { type FittedVae, runVae } from './vaeRun.js';

export const BATCH = 100;
const RATE = 1e-3;

/** 50 latents, perceptrons of 500 and 500. */
function configOf(objective: Partial<VaeObjective>, seed: number): VaeConfig {
  return {
    shape: [...DIGIT],
    latentDim: 50,
    networks: { kind: 'mlp', hidden: [500, 500] },
    likelihood: { kind: 'bernoulli' },
    objective,
    seed,
  };
}

export interface BinaryVaeOptions {
  readonly objective: Partial<VaeObjective>;
  readonly steps: number;
  /** Below the experiment's. */
  readonly folder: string | undefined;
  readonly start?: Vae | undefined;
  readonly place?: { readonly run: number; readonly of: number };
}

/** Fits one to digits that are made zeros and ones anew in each epoch, with their grey levels as probabilities. */
export async function trainBinaryVae(
  digits: Digits,
  { objective, steps, folder, start, ...place }: BinaryVaeOptions,
  settings: ExperimentSettings,
): Promise<FittedVae> {
  const { seed } = settings;
  const { training, validation } = splitDigits(digits, seed);
  const { rows, epochs } = budgetOf(steps, training.count, BATCH);
  return runVae(
    {
      config: configOf(objective, seed),
      training: { x: binarisedRows(imageRows(firstImages(training, rows)), seed) },
      validation: { x: binarisedRows(imageRows(validation), seed) },
      epochs,
      batchSize: BATCH,
      learningRate: RATE,
      ...(start === undefined ? {} : { start }),
      folder,
      ...place,
    },
    settings,
  );
}

/** Test digits as one draw of zeros and ones [n, 28, 28, 1]. */
export function binaryTensor(images: ImageSet, seed: number): Tensor {
  const values = new Float32Array(images.pixels.length);
  binarisedRows(imageRows(images), seed).read(
    Int32Array.from({ length: images.count }, (_, i) => i),
    values,
  );
  return tf.tensor(values, [images.count, ...DIGIT]);
}

/** Test digits and importance samples that a likelihood is estimated with. */
export interface Measurement {
  /** All that are looked at, with `few` samples. */
  readonly rows: number;
  readonly few: number;
  /** Of these as many as are looked at with `many`. */
  readonly closely: number;
  readonly many: number;
}

export function measurementOf({ quick }: ExperimentSettings): Measurement {
  return quick
    ? { rows: 500, few: 50, closely: 20, many: 5000 }
    : { rows: 10_000, few: 100, closely: 500, many: 5000 };
}

export async function measure(
  vae: Vae,
  digits: Digits,
  { rows, few, closely, many }: Measurement,
  { seed, signal }: ExperimentSettings,
): Promise<NllEstimates> {
  const x = binaryTensor(firstImages(digits.test, rows), seed);
  try {
    return await negativeLogLikelihoods(vae, x, { few, many, rows: closely, seed, signal });
  } finally {
    x.dispose();
  }
}

/** Their figures, after `prefix`. */
export function nllFigures(
  prefix: string,
  { few, many, all }: NllEstimates,
  { rows, closely, ...samples }: Measurement,
  published?: string,
): Figure[] {
  return [
    {
      name: `${prefix}−log p of ${rows} test digits by ${samples.many} samples, nats`,
      ours: all,
      ...(published === undefined ? {} : { published }),
    },
    { name: `${prefix}  by ${samples.few} samples`, ours: few },
    { name: `${prefix}  of the first ${closely} by ${samples.many}`, ours: many },
  ];
}

/** How the first of those figures is put together. */
export function estimateRemark({ rows, few, closely, many }: Measurement): string {
  return (
    `−log p of ${rows} digits by ${many} samples is that by ${few}, less what ${many} take off the first ${closely}: ` +
    'the difference hardly depends on the digit.'
  );
}

export function folderOf({ folder }: ExperimentSettings, part: string): string | undefined {
  return folder && join(folder, part);
}
