import { existsSync } from 'node:fs';
import { checkWhole } from '../checks.js';
import { type ContextRows, firstPlaces, rowsAt } from '../data/rowSource.js';
import { PushforwardError } from '../errors.js';
import type { Gan } from '../gan/gan.js';
import { GanHealth } from '../gan/health.js';
import {
  type DrawRows,
  type GanStepRecord,
  GanTrainer,
  type GanTrainOptions,
  type RealRows,
} from '../gan/trainer.js';
import { diversity } from '../metrics/diversity.js';
import type { Random } from '../random.js';
import { type Tensor2D, tf } from '../tf.js';
import type { TrainHooks } from '../train/fit.js';
import { turnTaker } from '../turns.js';
import { restoreGanCheckpoint, saveGanCheckpoint } from './ganCheckpoint.js';

/** What an epoch saw: means over its steps. */
export interface GanEpochRecord extends GanStepRecord {
  readonly epoch: number;
  /** Steps done since the first epoch. */
  readonly steps: number;
  /** Mean distance between generated rows over that between real ones: 0 is a generator of a single row. */
  readonly diversity: number;
  /** Rows that the critic judged. */
  readonly rowsPerSecond: number;
}

export interface FitGanOptions
  extends Partial<Omit<GanTrainOptions, 'seed'>>,
    Pick<TrainHooks, 'onStep' | 'onWarning' | 'onResume' | 'signal' | 'checkpoint'> {
  readonly training: ContextRows;
  readonly epochs?: number;
  /** Steps of an epoch. Default: as many as the critic needs to see as many rows as there are. */
  readonly epochSteps?: number;
  /** Rows in a batch, packed or not. */
  readonly batchSize?: number;
  readonly seed?: number;
  /** Called while the model is as it would be at the end: averaged where it is to be, with its own statistics. */
  readonly onEpoch?: (record: GanEpochRecord) => void | Promise<void>;
}

export interface GanTrainResult {
  /** Epochs done, those before a resume included. */
  readonly epochs: number;
  /** Steps done in all of them. */
  readonly steps: number;
  /** Whether `signal` ended it. */
  readonly aborted: boolean;
}

/** Rows of each kind that the diversity is measured on. */
const MEASURED_ROWS = 200;
const FIGURES = [
  'criticLoss',
  'generatorLoss',
  'penalty',
  'realScore',
  'fakeScore',
  'criticGradientNorm',
  'generatorGradientNorm',
] as const satisfies readonly (keyof GanStepRecord)[];

/**
 * Trains a GAN on rows, drawn at random with replacement. Defaults: 50 epochs, batches of 64 rows, Adam with learning
 * rate 2e-4 and β₁ 0.5 for both networks, seed 0, and those of `GanTrainOptions`. The same seed gives the same bits, with stops between or without.
 * A critic that has won, or modes that have collapsed, are told to `onWarning`.
 * @throws PushforwardError `usage` for options that make no sense, fewer rows than a batch, and batches of no whole
 * packs; `shape` for rows that the model is not of; `numeric` when training diverges.
 */
export async function fitGan(gan: Gan, options: FitGanOptions): Promise<GanTrainResult> {
  const { training, epochs = 50, batchSize = 64, seed = 0, checkpoint, signal, ...rest } = options;
  const { onStep, onEpoch, onWarning, onResume, epochSteps, ...trainOptions } = rest;
  checkWhole('epochs', epochs, 0);
  checkGanBatch(training.x.rows, batchSize, gan.objective.pac);
  checkRows(gan, training);
  const adam = { kind: 'adam', learningRate: 2e-4 } as const;
  const trainer = new GanTrainer(gan, {
    generator: adam,
    critic: adam,
    ...trainOptions,
    batchSize: batchSize / gan.objective.pac,
    seed,
  });
  const draw = drawFrom(gan, training);
  const steps = epochSteps ?? ganStepsPerEpoch(training.x.rows, batchSize, options.criticSteps);
  if (!Number.isSafeInteger(steps) || steps < 1) {
    throw new PushforwardError('usage', `epochs of ${steps} steps`, { mend: 'give a whole number from 1' });
  }
  const health = new GanHealth(gan.objective);
  const takeTurn = turnTaker();
  let epoch = 0;
  if (checkpoint?.resume && existsSync(checkpoint.path)) {
    epoch = await restoreGanCheckpoint(checkpoint.path, { trainer, gan }, checkpoint.fingerprint);
    await onResume?.(epoch);
  }
  while (epoch < epochs && !signal?.aborted) {
    const start = performance.now();
    startEpoch(training, epoch + 1);
    const means = await runEpoch(trainer, draw, steps, signal, (step) => {
      onStep?.(epoch + 1, step, steps);
      return takeTurn();
    });
    if (means === 'aborted') break;
    epoch += 1;
    const judged = steps * (options.criticSteps ?? 1) * batchSize;
    const rowsPerSecond = judged / ((performance.now() - start) / 1000);
    trainer.finish(draw);
    const record = {
      epoch,
      steps: trainer.steps,
      ...means,
      diversity: diversityOf(gan, training),
      rowsPerSecond,
    };
    for (const warning of health.see(epoch, record)) onWarning?.(warning);
    await onEpoch?.(record);
    trainer.resume(trainer.steps);
    if (checkpoint) await saveGanCheckpoint(checkpoint.path, { trainer, gan }, epoch, checkpoint.fingerprint);
  }
  trainer.finish(draw);
  return { epochs: epoch, steps: trainer.steps, aborted: signal?.aborted ?? false };
}

/** What is shown of an epoch: both networks' scores, losses and slopes. */
export function ganFigures(record: GanEpochRecord): Record<string, number> {
  return {
    'D(x)': record.realScore,
    'D(G(z))': record.fakeScore,
    critic: record.criticLoss,
    generator: record.generatorLoss,
    '|∇critic|': record.criticGradientNorm,
    '|∇generator|': record.generatorGradientNorm,
  };
}

/** Steps that make an epoch. */
export function ganStepsPerEpoch(rows: number, batchSize: number, criticSteps = 1): number {
  return Math.max(1, Math.round(rows / (batchSize * criticSteps)));
}

async function runEpoch(
  trainer: GanTrainer,
  draw: DrawRows,
  steps: number,
  signal: AbortSignal | undefined,
  afterStep: (step: number) => Promise<void>,
): Promise<GanStepRecord | 'aborted'> {
  const sums = Object.fromEntries(FIGURES.map((name) => [name, 0])) as Record<keyof GanStepRecord, number>;
  for (let step = 1; step <= steps; step++) {
    const record = trainer.step(draw);
    for (const name of FIGURES) sums[name] += record[name] / steps;
    await afterStep(step);
    if (signal?.aborted) return 'aborted';
  }
  return sums;
}

/** Rows drawn with replacement, so that those of a pack are independent of each other. */
function drawFrom({ shape }: Gan, training: ContextRows): DrawRows {
  const { x, context } = training;
  const placesFrom = (n: number, random: Random) =>
    Int32Array.from(random.uniform(new Float32Array(n)), (u) => Math.floor(u * x.rows));
  const draw = (n: number, random: Random) => realRows(placesFrom(n, random), shape, training);
  const prefetch = (n: number, random: Random) => {
    const places = placesFrom(n, random);
    x.prefetch?.(places);
    context?.prefetch?.(places);
  };
  return Object.assign(draw, { prefetch });
}

function realRows(places: Int32Array, shape: readonly number[], { x, context }: ContextRows): RealRows {
  const rows = rowsAt(x, places, shape);
  if (context === undefined) return { x: rows };
  return { x: rows, context: rowsAt(context, places, [context.width]) as Tensor2D };
}

function diversityOf(gan: Gan, training: ContextRows): number {
  return tf.tidy(() => {
    const places = firstPlaces(Math.min(MEASURED_ROWS, training.x.rows));
    const { x, context } = realRows(places, gan.shape, training);
    return diversity(gan.sample(places.length, context === undefined ? {} : { context }), x);
  });
}

function startEpoch({ x, context }: ContextRows, epoch: number): void {
  x.startEpoch?.(epoch);
  context?.startEpoch?.(epoch);
}

/** @throws PushforwardError `usage` for a batch that is of no whole packs, or of more rows than there are. */
export function checkGanBatch(rows: number, batchSize: number, pac: number): void {
  const wrong = (what: string, mend: string) => new PushforwardError('usage', what, { mend });
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw wrong(`a batch of ${batchSize} rows`, 'give a whole number from 1');
  }
  if (batchSize % pac !== 0) {
    const below = batchSize - (batchSize % pac);
    const near = below > 0 ? `${below} or ${below + pac}` : String(pac);
    throw wrong(
      `a batch of ${batchSize} rows is no whole number of packs of ${pac}`,
      `give a batch of ${near}`,
    );
  }
  if (rows < Math.max(2, batchSize)) {
    throw wrong(`${rows} rows are fewer than a batch of ${batchSize}`, 'give more rows or a smaller batch');
  }
}

function checkRows({ shape, contextDim }: Gan, { x, context }: ContextRows): void {
  const wrong = (what: string) => new PushforwardError('shape', what, { where: 'the training rows' });
  const width = tf.util.sizeFromShape([...shape]);
  if (x.width !== width) throw wrong(`rows of ${x.width} numbers for a model of ${width}`);
  const [given, rows] = [context?.width ?? 0, context?.rows ?? x.rows];
  if (given !== contextDim || rows !== x.rows) {
    throw wrong(
      `a context of ${given} numbers for ${rows} rows where it should be of ${contextDim} for ${x.rows}`,
    );
  }
}
