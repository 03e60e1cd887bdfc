import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { imageRows } from '../../data/images/imageRows.js';
import { PushforwardError } from '../../errors.js';
import { writing } from '../../files.js';
import { buildGan, type GanConfig } from '../../gan/config.js';
import type { AdversarialLossName } from '../../gan/losses.js';
import type { LayersNetwork } from '../../nn/layersNetwork.js';
import { type FitGanOptions, fitGan } from '../../runs/fitGan.js';
import { MetricsLog } from '../../runs/metricsLog.js';
import { saveGan } from '../../runs/savedGan.js';
import type { ExperimentSettings } from '../experiment.js';
import type { Budget } from './budget.js';
import { copyWeights } from './copyWeights.js';
import { DIGIT, type Digits, firstImages } from './digits.js';
import type { DigitJudge, Verdict } from './judge.js';
import { drawGanPicture } from './pictures.js';

/** Rows in a batch. */
export const GAN_BATCH = 64;

/** What makes one GAN of digits different from another. */
export interface GanKind {
  readonly loss: AdversarialLossName;
  readonly training: Pick<FitGanOptions, 'generator' | 'critic' | 'criticSteps' | 'clip'>;
}

export interface GanRun {
  readonly kind: GanKind;
  /** Of its folder, in the experiment's. */
  readonly name: string;
  /** Whose weights its generator starts from; null for random ones. */
  readonly decoder: LayersNetwork | null;
  readonly digits: Digits;
  readonly judge: DigitJudge;
  readonly budget: Budget;
  readonly seed: number;
  /** Told how many of its own steps the run has done. */
  readonly onStep: (done: number) => void;
  readonly onWarning: (message: string) => void;
}

/**
 * Trains one GAN and judges it. With a folder, each epoch adds its figures and the verdict to `metrics.jsonl`, draws
 * with one seed to `samples-STEPS.png`, and leaves a checkpoint.
 */
export async function trainAndJudge(
  { kind, name, decoder, digits, judge, budget, seed, onStep, onWarning }: GanRun,
  { folder, resume = false, signal }: ExperimentSettings,
): Promise<Verdict> {
  const own = folder && join(folder, name);
  const log = own === undefined ? undefined : new MetricsLog(join(own, 'metrics.jsonl'));
  if (own !== undefined) await writing(own, () => mkdir(own, { recursive: true }));
  if (!resume) await log?.truncate(0);
  const config: GanConfig = {
    shape: [...DIGIT],
    latentDim: 2,
    networks: { kind: 'convolutional' },
    objective: { loss: kind.loss },
    seed,
  };
  const gan = await buildGan(config);
  try {
    if (decoder !== null) copyWeights(decoder.weights, gan.generator.weights);
    const { rows, epochs, steps } = budget;
    const { aborted, steps: done } = await fitGan(gan, {
      ...kind.training,
      training: { x: imageRows(firstImages(digits.train, rows)) },
      epochs,
      batchSize: GAN_BATCH,
      seed,
      onWarning,
      onStep: (epoch, step, perEpoch) => onStep((epoch - 1) * perEpoch + step),
      onResume: (epoch) => log?.truncate(epoch),
      onEpoch: async (record) => {
        if (own === undefined) return;
        await log?.append({ ...record, ...judge.verdict(gan, seed) });
        await drawGanPicture(gan, join(own, `samples-${record.steps}.png`));
      },
      ...(signal === undefined ? {} : { signal }),
      ...(own === undefined
        ? {}
        : {
            checkpoint: {
              path: join(own, 'checkpoint.safetensors'),
              fingerprint: JSON.stringify({
                config,
                training: kind.training,
                rows,
                seed,
                start: decoder === null ? 'random' : 'vae',
              }),
              resume,
            },
          }),
    });
    if (aborted) {
      throw new PushforwardError('aborted', `stopped after ${done} of ${steps} steps of a GAN`, {
        mend: own === undefined ? 'run it again' : 'go on from the last epoch with --resume',
      });
    }
    if (own !== undefined) await saveGan(gan, config, own);
    return judge.verdict(gan, seed);
  } finally {
    gan.dispose();
  }
}
