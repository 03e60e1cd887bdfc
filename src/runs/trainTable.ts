import type { EncodedRows } from '../data/types.js';
import { CategoryFactor } from '../tables/flow/categoryFactor.js';
import { FlowTable } from '../tables/flow/flowTable.js';
import { NumberFactor } from '../tables/flow/numberFactor.js';
import { nameOf, type TableModel } from '../tables/model.js';
import { RowFactor } from '../tables/vae/rowFactor.js';
import { VaeTable } from '../tables/vae/vaeTable.js';
import { tf } from '../tf.js';
import { type EpochRecord, fit, type TrainHooks, type TrainResult } from '../train/fit.js';
import type { Trainable } from '../trainable.js';
import type { RunConfig } from './config.js';
import type { RunPaths } from './folder.js';
import { MetricsLog } from './metricsLog.js';
import type { FitTableOptions } from './types.js';

/** What a fit has to do with. */
export interface TrainingParts {
  readonly model: TableModel;
  readonly config: RunConfig;
  readonly training: EncodedRows;
  readonly validation: EncodedRows;
}

/** Fits the model, writing checkpoints and metrics, and leaves it with the weights of its best epoch. */
export async function trainTable(
  parts: TrainingParts,
  paths: RunPaths,
  options: FitTableOptions,
): Promise<TrainResult> {
  const { model, training, config } = parts;
  const { settings } = config;
  const { epochs, batchSize } = config.training;
  const trainables = trainablesOf(parts);
  const stepsPerEpoch = Math.ceil(training.rows / batchSize);
  options.onEvent?.({
    kind: 'start',
    model: nameOf(model),
    epochs,
    stepsPerEpoch,
    parameters: trainables.reduce((sum, { parameters }) => sum + parameters.count, 0),
    backend: tf.getBackend(),
  });
  const log = new MetricsLog(paths.metrics);
  const hooks: TrainHooks = {
    checkpoint: { path: paths.checkpoint, fingerprint: config.fingerprint, resume: options.resume ?? false },
    onResume: (epoch) => log.truncate(epoch),
    onStep: (epoch, step) =>
      options.onEvent?.({
        kind: 'step',
        epoch,
        step,
        done: (epoch - 1) * stepsPerEpoch + step,
        total: epochs * stepsPerEpoch,
      }),
    onEpoch: async (record: EpochRecord) => {
      await log.append({ model: nameOf(model), ...record });
      const { epoch, best, rowsPerSecond } = record;
      options.onEvent?.({ kind: 'epoch', epoch, epochs, figures: figuresOf(record), best, rowsPerSecond });
    },
    onWarning: (message) => options.onEvent?.({ kind: 'warning', message }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const plan = {
    weightDecay: 1e-4,
    clipNorm: 5,
    learningRate: settings.learningRate,
    patience: settings.patience,
  };
  return fit(trainables, { seed: settings.seed, rows: training.rows, epochs, batchSize, ...plan }, hooks);
}

/** What is shown of an epoch: the likelihoods, and what a VAE says of its codes. */
function figuresOf({ train, validation, factors }: EpochRecord): Record<string, number> {
  const { kl, activeUnits } = factors.rows?.measures ?? {};
  return {
    train,
    validation,
    ...(typeof kl === 'number' ? { kl } : {}),
    ...(typeof activeUnits === 'number' ? { 'active units': activeUnits } : {}),
  };
}

function trainablesOf({ model, training, validation }: TrainingParts): Trainable[] {
  if (model instanceof VaeTable) {
    model.initialiseFrom(training);
    return [new RowFactor(model, training, validation)];
  }
  if (!(model instanceof FlowTable)) throw new TypeError('a model of another family');
  const trainables: Trainable[] = [];
  if (model.categories !== null) {
    model.categories.initialiseFrom(training.codes);
    trainables.push(new CategoryFactor(model.categories, training.codes, validation.codes));
  }
  if (model.flow !== null) {
    const numbers = new NumberFactor(model, training, validation);
    numbers.initialise();
    trainables.push(numbers);
  }
  return trainables;
}
