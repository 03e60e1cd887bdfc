import { tf } from '../tf.js';
import type { TrainHooks } from '../train/fit.js';
import type { RunPaths } from './folder.js';
import { MetricsLog } from './metricsLog.js';
import type { RunOrigin } from './start.js';
import type { FitEvent, FitOptions } from './types.js';

/** What is to be trained, and for how long. */
export interface TrainingPlan extends Pick<Extract<FitEvent, { kind: 'start' }>, 'model' | 'parameters'> {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** What is told of an epoch, beside all of its record in `metrics.jsonl`. */
export type EpochNews = Pick<
  Extract<FitEvent, { kind: 'epoch' }>,
  'epoch' | 'figures' | 'best' | 'rowsPerSecond'
>;

/** What the training of every model does at its steps and epochs. */
export interface RunHooks
  extends Pick<TrainHooks, 'onStep' | 'onWarning' | 'signal'>,
    Required<Pick<TrainHooks, 'onResume' | 'checkpoint'>> {
  readonly tellEpoch: (news: EpochNews, record: object) => Promise<void>;
}

/** Tells that training starts, and gives what goes on while it lasts: checkpoints, metrics and progress. */
export function startTraining(
  { model, parameters, epochs, stepsPerEpoch }: TrainingPlan,
  { fingerprint }: RunOrigin,
  paths: RunPaths,
  { onEvent, signal, resume = false }: FitOptions,
): RunHooks {
  const log = new MetricsLog(paths.metrics);
  onEvent?.({ kind: 'start', model, epochs, stepsPerEpoch, parameters, backend: tf.getBackend() });
  return {
    checkpoint: { path: paths.checkpoint, fingerprint, resume },
    onResume: (epoch) => log.truncate(epoch),
    onStep: (epoch, step) =>
      onEvent?.({
        kind: 'step',
        epoch,
        step,
        done: (epoch - 1) * stepsPerEpoch + step,
        total: epochs * stepsPerEpoch,
      }),
    onWarning: (message) => onEvent?.({ kind: 'warning', message }),
    tellEpoch: async (news, record) => {
      await log.append({ model, epoch: news.epoch, ...record });
      onEvent?.({ kind: 'epoch', epochs, ...news });
    },
    ...(signal === undefined ? {} : { signal }),
  };
}
