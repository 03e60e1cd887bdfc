import { existsSync } from 'node:fs';
import { checkNotNegative, checkPositive, checkWhole } from '../checks.js';
import { Random, streamOf } from '../random.js';
import type { Measures, Trainable } from '../trainable.js';
import { turnTaker } from '../turns.js';
import { restoreCheckpoint, saveCheckpoint } from './checkpoint.js';
import { FactorState } from './factorState.js';
import type { TrainOptions } from './trainOptions.js';

/** One epoch's figures, summed over the factors: mean log-likelihood a row in nats. */
export interface EpochRecord {
  readonly epoch: number;
  readonly train: number;
  readonly validation: number;
  /** Whether a factor found better weights. */
  readonly best: boolean;
  readonly learningRate: number;
  /** Mean over the steps of the factors' joint gradient norm before clipping. */
  readonly gradientNorm: number;
  readonly rowsPerSecond: number;
  /** The same by factor, for those that were still learning. */
  readonly factors: Readonly<Record<string, FactorRecord>>;
}

/** One factor's share of an epoch's figures, with what else its model measures. */
export interface FactorRecord {
  readonly train: number;
  readonly validation: number;
  readonly gradientNorm: number;
  readonly measures?: Measures;
}

export interface TrainHooks {
  readonly onStep?: (epoch: number, step: number, steps: number) => void;
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  readonly onWarning?: (message: string) => void;
  /** Told the epoch of the checkpoint that the fit goes on from. */
  readonly onResume?: (epoch: number) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Where to save after each epoch, and the mark that says which run the file belongs to. */
  readonly checkpoint?: { readonly path: string; readonly fingerprint: string; readonly resume: boolean };
}

export interface TrainResult {
  /** Epochs done, those before a resume included. */
  readonly epochs: number;
  readonly bestEpoch: number;
  /** Whether `signal` ended it; the model then holds the best weights so far. */
  readonly aborted: boolean;
}

/** Batches that are being fetched during a step: one would wait for each file that is slower than its step. */
const BATCHES_AHEAD = 2;

/**
 * Fits factors side by side by mini-batch AdamW and leaves each with the weights of its best
 * validation epoch. All randomness is a function of the seed and the epoch's number, so a run that
 * goes on from a checkpoint gives the bits of one that was never stopped.
 * @throws PushforwardError `usage` for options that make no sense, `numeric` when losses stay non-finite at ever smaller
 * learning rates.
 */
export async function fit(
  trainables: readonly Trainable[],
  options: TrainOptions,
  hooks: TrainHooks = {},
): Promise<TrainResult> {
  checkPlan(options);
  const states = trainables.map((trainable) => new FactorState(trainable, options));
  const { checkpoint } = hooks;
  const takeTurn = turnTaker();
  let epoch = 0;
  if (checkpoint?.resume && existsSync(checkpoint.path)) {
    epoch = await restoreCheckpoint(checkpoint.path, states, checkpoint.fingerprint);
    await hooks.onResume?.(epoch);
  }
  while (epoch < options.epochs && !hooks.signal?.aborted && states.some(isLearning)) {
    const record = await runEpoch(states, options, epoch + 1, hooks, takeTurn);
    if (record === 'aborted') break;
    epoch += 1;
    // The record first: a crash between the two leaves a record too many, which a resume can drop.
    await hooks.onEpoch?.(record);
    if (checkpoint) await saveCheckpoint(checkpoint.path, states, epoch, checkpoint.fingerprint);
  }
  for (const state of states) state.finish();
  return {
    epochs: epoch,
    bestEpoch: Math.max(0, ...states.map((state) => state.counters.bestEpoch)),
    aborted: hooks.signal?.aborted ?? false,
  };
}

function isLearning(state: FactorState): boolean {
  return !state.counters.stopped;
}

async function runEpoch(
  states: readonly FactorState[],
  options: TrainOptions,
  epoch: number,
  hooks: TrainHooks,
  takeTurn: () => Promise<void>,
): Promise<EpochRecord | 'aborted'> {
  const { rows, batchSize } = options;
  const steps = Math.ceil(rows / batchSize);
  const order = new Random(options.seed, streamOf('batches', epoch)).permutation(rows);
  const learning = states.filter(isLearning);
  const sums = new Map(learning.map((state) => [state, { loss: 0, rows: 0, norm: 0, steps: 0 }]));
  const start = performance.now();
  for (const state of learning) state.startEpoch(epoch);
  const learningRate = Math.max(...learning.map((state) => state.learningRate()));
  const batchOf = (step: number) => order.subarray(step * batchSize, Math.min(rows, (step + 1) * batchSize));
  const prefetch = (step: number) => {
    if (step < steps) for (const { trainable } of sums.keys()) trainable.prefetch?.(batchOf(step));
  };
  for (let step = 0; step < BATCHES_AHEAD; step++) prefetch(step);
  for (let step = 0; step < steps; step++) {
    const batch = batchOf(step);
    prefetch(step + BATCHES_AHEAD);
    for (const [state, sum] of sums) {
      const update = state.update(batch);
      if ('failure' in update) {
        hooks.onWarning?.(
          `${update.failure}; went back to the start of epoch ${epoch} with half the learning rate`,
        );
        continue;
      }
      sum.loss += update.loss * batch.length;
      sum.rows += batch.length;
      sum.norm += update.norm;
      sum.steps += 1;
    }
    hooks.onStep?.(epoch, step + 1, steps);
    await takeTurn();
    if (hooks.signal?.aborted) return 'aborted';
  }
  const seconds = (performance.now() - start) / 1000;
  return summarise(states, sums, epoch, { learningRate, rowsPerSecond: rows / seconds });
}

type Sums = Map<FactorState, { loss: number; rows: number; norm: number; steps: number }>;

/** Validates, and adds the factors up; one that has stopped counts with the loss of its best weights. */
function summarise(
  states: readonly FactorState[],
  sums: Sums,
  epoch: number,
  rates: { learningRate: number; rowsPerSecond: number },
): EpochRecord {
  const factors: Record<string, FactorRecord> = {};
  let best = false;
  let train = 0;
  let validation = 0;
  let squares = 0;
  for (const state of states) {
    const sum = sums.get(state);
    if (sum === undefined) {
      train -= state.counters.bestLoss;
      validation -= state.counters.bestLoss;
      continue;
    }
    const end = state.endEpoch(epoch);
    const mean = sum.loss / sum.rows;
    const gradientNorm = sum.norm / sum.steps;
    const { name, measures } = state.trainable;
    factors[name] = {
      train: -mean,
      validation: -end.loss,
      gradientNorm,
      ...(measures === undefined ? {} : { measures: measures.call(state.trainable) }),
    };
    best ||= end.best;
    train -= mean;
    validation -= end.loss;
    squares += gradientNorm ** 2;
  }
  return { epoch, train, validation, best, gradientNorm: Math.sqrt(squares), factors, ...rates };
}

function checkPlan({
  seed,
  epochs,
  batchSize,
  learningRate,
  weightDecay,
  clipNorm,
  patience,
}: TrainOptions): void {
  for (const [name, count] of Object.entries({ seed, epochs, patience })) checkWhole(name, count, 0);
  checkWhole('batchSize', batchSize);
  for (const [name, value] of Object.entries({ learningRate, weightDecay })) checkNotNegative(name, value);
  // Infinity cuts no gradient.
  if (clipNorm !== Infinity) checkPositive('clipNorm', clipNorm);
}
