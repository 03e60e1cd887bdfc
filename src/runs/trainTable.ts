import type { EncodedRows } from '../data/types.js';
import { CategoryFactor } from '../tables/flow/categoryFactor.js';
import { FlowTable } from '../tables/flow/flowTable.js';
import { NumberFactor } from '../tables/flow/numberFactor.js';
import { GanTable } from '../tables/gan/ganTable.js';
import { nameOf, type TableModel } from '../tables/model.js';
import { RowFactor } from '../tables/vae/rowFactor.js';
import { VaeTable } from '../tables/vae/vaeTable.js';
import { type EpochRecord, fit } from '../train/fit.js';
import type { Trainable } from '../trainable.js';
import type { RunConfig } from './config.js';
import { ganFigures, ganStepsPerEpoch } from './fitGan.js';
import { fitGanTable } from './fitGanTable.js';
import type { RunPaths } from './folder.js';
import type { TrainOutcome } from './start.js';
import { startTraining } from './startTraining.js';
import type { FitTableOptions } from './types.js';

/** What a fit has to do with. */
export interface TrainingParts {
  readonly model: TableModel;
  readonly config: RunConfig;
  readonly training: EncodedRows;
  readonly validation: EncodedRows;
}

/** Fits the model, writing checkpoints and metrics, and leaves it with the weights of its best epoch, where it has one. */
export async function trainTable(
  parts: TrainingParts,
  paths: RunPaths,
  options: FitTableOptions,
): Promise<TrainOutcome> {
  const { model, training, config } = parts;
  const { epochs, batchSize } = config.training;
  const { seed, learningRate, patience } = config.settings;
  const start = (parameters: number, stepsPerEpoch: number) =>
    startTraining({ model: nameOf(model), parameters, epochs, stepsPerEpoch }, config, paths, options);
  if (model instanceof GanTable) {
    const { tellEpoch, ...hooks } = start(
      model.gan.variables.reduce((sum, { size }) => sum + size, 0),
      ganStepsPerEpoch(training.rows, batchSize),
    );
    const result = await fitGanTable(model, parts, {
      ...hooks,
      onEpoch: (record) => {
        const { epoch, energy, rowsPerSecond } = record;
        return tellEpoch(
          { epoch, figures: { ...ganFigures(record), energy }, best: false, rowsPerSecond },
          record,
        );
      },
    });
    return { ...result, bestEpoch: null };
  }
  const trainables = trainablesOf(parts);
  const { tellEpoch, ...hooks } = start(
    trainables.reduce((sum, { parameters }) => sum + parameters.count, 0),
    Math.ceil(training.rows / batchSize),
  );
  const plan = { weightDecay: 1e-4, clipNorm: 5, learningRate, patience };
  return fit(
    trainables,
    { seed, rows: training.rows, epochs, batchSize, ...plan },
    {
      ...hooks,
      onEpoch: (record) => {
        const { epoch, best, rowsPerSecond } = record;
        return tellEpoch({ epoch, figures: figuresOf(record), best, rowsPerSecond }, record);
      },
    },
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
