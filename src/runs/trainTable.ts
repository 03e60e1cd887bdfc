import type { EncodedRows } from '../data/types.js';
import { CategoryFactor } from '../tables/flow/categoryFactor.js';
import { FlowTable } from '../tables/flow/flowTable.js';
import { NumberFactor } from '../tables/flow/numberFactor.js';
import { GanTable } from '../tables/gan/ganTable.js';
import { nameOf, type TableModel } from '../tables/model.js';
import { RowFactor } from '../tables/vae/rowFactor.js';
import { VaeTable } from '../tables/vae/vaeTable.js';
import { tf } from '../tf.js';
import { type EpochRecord, fit, type TrainResult } from '../train/fit.js';
import type { Trainable } from '../trainable.js';
import type { RunConfig } from './config.js';
import { ganFigures, ganStepsPerEpoch } from './fitGan.js';
import { fitGanTable } from './fitGanTable.js';
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

/** How a fit ended. */
export interface TableTrainResult extends Pick<TrainResult, 'epochs' | 'aborted'> {
  /** Null for a model that is left as its last epoch made it. */
  readonly bestEpoch: number | null;
}

/** Fits the model, writing checkpoints and metrics, and leaves it with the weights of its best epoch, where it has one. */
export async function trainTable(
  parts: TrainingParts,
  paths: RunPaths,
  options: FitTableOptions,
): Promise<TableTrainResult> {
  const { model, training, config } = parts;
  const { epochs, batchSize } = config.training;
  const log = new MetricsLog(paths.metrics);
  const start = (parameters: number, stepsPerEpoch: number): void =>
    options.onEvent?.({
      kind: 'start',
      model: nameOf(model),
      epochs,
      stepsPerEpoch,
      parameters,
      backend: tf.getBackend(),
    });
  const hooks = {
    checkpoint: { path: paths.checkpoint, fingerprint: config.fingerprint, resume: options.resume ?? false },
    onResume: (epoch: number) => log.truncate(epoch),
    onStep: (epoch: number, step: number, steps: number) =>
      options.onEvent?.({
        kind: 'step',
        epoch,
        step,
        done: (epoch - 1) * steps + step,
        total: epochs * steps,
      }),
    onWarning: (message: string) => options.onEvent?.({ kind: 'warning', message }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const tell = async (
    record: { epoch: number; rowsPerSecond: number },
    figures: Record<string, number>,
    best: boolean,
  ): Promise<void> => {
    const { epoch, rowsPerSecond } = record;
    await log.append({ model: nameOf(model), ...record });
    options.onEvent?.({ kind: 'epoch', epoch, epochs, figures, best, rowsPerSecond });
  };
  const { seed, learningRate, patience } = config.settings;
  if (model instanceof GanTable) {
    start(
      model.gan.variables.reduce((sum, { size }) => sum + size, 0),
      ganStepsPerEpoch(training.rows, batchSize),
    );
    const result = await fitGanTable(model, parts, {
      ...hooks,
      onEpoch: (record) => tell(record, { ...ganFigures(record), energy: record.energy }, false),
    });
    return { ...result, bestEpoch: null };
  }
  const trainables = trainablesOf(parts);
  start(
    trainables.reduce((sum, { parameters }) => sum + parameters.count, 0),
    Math.ceil(training.rows / batchSize),
  );
  const plan = { weightDecay: 1e-4, clipNorm: 5, learningRate, patience };
  return fit(
    trainables,
    { seed, rows: training.rows, epochs, batchSize, ...plan },
    { ...hooks, onEpoch: (record) => tell(record, figuresOf(record), record.best) },
  );
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
