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

/** What a training tells while it goes on, and what stops it. */
export interface TrainingNews extends Pick<TrainHooks, 'onStep' | 'onWarning' | 'signal'> {
  readonly tellEpoch: (news: EpochNews) => void;
}

/** What the training of every run does at its steps and epochs. */
export interface RunHooks
  extends Omit<TrainingNews, 'tellEpoch'>,
    Required<Pick<TrainHooks, 'onResume' | 'checkpoint'>> {
  readonly tellEpoch: (news: EpochNews, record: object) => Promise<void>;
}

/** Tells that training starts, and gives what goes on while it lasts: checkpoints, metrics and progress. */
export function startTraining(
  { model, parameters, ...plan }: TrainingPlan,
  { fingerprint }: RunOrigin,
  paths: RunPaths,
  options: FitOptions,
): RunHooks {
  const log = new MetricsLog(paths.metrics);
  const { tellEpoch, ...hooks } = trainingNews(plan, options);
  options.onEvent?.({ kind: 'start', model, ...plan, parameters, backend: tf.getBackend() });
  return {
    ...hooks,
    checkpoint: { path: paths.checkpoint, fingerprint, resume: options.resume ?? false },
    onResume: (epoch) => log.truncate(epoch),
    tellEpoch: async (news, record) => {
      await log.append({ model, epoch: news.epoch, ...record });
      tellEpoch(news);
    },
  };
}

/** Hooks that tell of steps, epochs and warnings as events. */
export function trainingNews(
  { epochs, stepsPerEpoch }: Pick<TrainingPlan, 'epochs' | 'stepsPerEpoch'>,
  { onEvent, signal }: Pick<FitOptions, 'onEvent' | 'signal'>,
): TrainingNews {
  return {
    onStep: (epoch, step) =>
      onEvent?.({
        kind: 'step',
        epoch,
        step,
        done: (epoch - 1) * stepsPerEpoch + step,
        total: epochs * stepsPerEpoch,
      }),
    onWarning: (message) => onEvent?.({ kind: 'warning', message }),
    tellEpoch: (news) => onEvent?.({ kind: 'epoch', epochs, ...news }),
    ...(signal === undefined ? {} : { signal }),
  };
}
