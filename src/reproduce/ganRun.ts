import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PushforwardError } from '../errors.js';
import { writing } from '../files.js';
import type { GanConfig } from '../gan/config.js';
import type { Gan } from '../gan/gan.js';
import { type FitGanOptions, fitGan } from '../runs/fitGan.js';
import { MetricsLog } from '../runs/metricsLog.js';
import { saveGan } from '../runs/savedGan.js';
import type { ExperimentSettings } from './experiment.js';

/** What is told of a run while it goes on. */
export interface GanRunHooks {
  /** Told how many of its own steps the run has done. */
  readonly onStep: (done: number) => void;
  readonly onWarning: (message: string) => void;
}

/** One GAN of an experiment that compares several. */
export interface GanRun<Verdict extends object> extends GanRunHooks {
  /** Of its folder, in the experiment's. */
  readonly name: string;
  /** The GAN with its first weights. */
  readonly build: () => Gan | Promise<Gan>;
  /** What it is built from, for those that are saved beside their checkpoint. */
  readonly config?: GanConfig;
  /** What its checkpoint holds for; another run's is refused. */
  readonly fingerprint: object;
  readonly fit: Omit<FitGanOptions, 'checkpoint' | 'signal' | `on${string}`> & { readonly epochs: number };
  /** What is found out about it, for `metrics.jsonl` after each epoch, and at the end. */
  readonly judge: (gan: Gan) => Verdict;
  /** Draws a picture of what it makes. */
  readonly picture: (gan: Gan, path: string) => Promise<void>;
}

/**
 * Trains one GAN and judges it. With a folder, each epoch adds its figures and the verdict to `metrics.jsonl`, a
 * picture `samples-STEPS.png`, and leaves a checkpoint.
 * @throws PushforwardError `aborted` when the signal stopped it, and what `fitGan` throws.
 */
export async function trainAndJudge<Verdict extends object>(
  { name, build, config, fingerprint, fit, judge, picture, onStep, onWarning }: GanRun<Verdict>,
  { folder, resume = false, signal }: ExperimentSettings,
): Promise<Verdict> {
  const own = folder && join(folder, name);
  const log = own === undefined ? undefined : new MetricsLog(join(own, 'metrics.jsonl'));
  if (own !== undefined) await writing(own, () => mkdir(own, { recursive: true }));
  if (!resume) await log?.truncate(0);
  const gan = await build();
  let verdict: Verdict | undefined;
  try {
    const { aborted, steps } = await fitGan(gan, {
      ...fit,
      onWarning,
      onStep: (epoch, step, perEpoch) => onStep((epoch - 1) * perEpoch + step),
      onResume: (epoch) => log?.truncate(epoch),
      onEpoch: async (record) => {
        if (own === undefined) return;
        verdict = judge(gan);
        await log?.append({ ...record, ...verdict });
        await picture(gan, join(own, `samples-${record.steps}.png`));
      },
      ...(signal === undefined ? {} : { signal }),
      ...(own === undefined
        ? {}
        : {
            checkpoint: {
              path: join(own, 'checkpoint.safetensors'),
              fingerprint: JSON.stringify(fingerprint),
              resume,
            },
          }),
    });
    if (aborted) {
      throw new PushforwardError('aborted', `stopped after ${steps} steps of a GAN`, {
        mend: own === undefined ? 'run it again' : 'go on from the last epoch with --resume',
      });
    }
    if (own !== undefined && config !== undefined) await saveGan(gan, config, own);
    // At its last epoch the model was as it is now.
    return verdict ?? judge(gan);
  } finally {
    gan.dispose();
  }
}
