import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContextRows } from '../../data/rowSource.js';
import { PushforwardError } from '../../errors.js';
import { writing } from '../../files.js';
import { fitVae } from '../../runs/fitVae.js';
import { MetricsLog } from '../../runs/metricsLog.js';
import { saveVae } from '../../runs/savedVae.js';
import { buildVae, type VaeConfig } from '../../vae/config.js';
import type { Vae } from '../../vae/vae.js';
import type { ExperimentSettings } from '../experiment.js';
import { copyWeights, weightsDigest } from './copyWeights.js';

export interface VaeRunOptions {
  readonly config: VaeConfig;
  readonly training: ContextRows;
  readonly validation: ContextRows;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay?: number;
  /** A VAE of the same networks whose weights it starts from. */
  readonly start?: Vae;
  /** Folder, in the experiment's, for checkpoint, metrics and weights; absent where that keeps none. */
  readonly folder?: string | undefined;
  /** Which of how many runs of an experiment it is, from 0. Default: the only one. */
  readonly place?: { readonly run: number; readonly of: number };
}

/** A fitted VAE, and the steps that it took. */
export interface FittedVae {
  readonly vae: Vae;
  readonly steps: number;
  /** The epoch that its weights are of, by the validation rows; 0 where none came past those that it started from. */
  readonly bestEpoch: number;
}

/**
 * Fits a VAE as an experiment does: with a checkpoint after each epoch and its figures in `metrics.jsonl`, both in
 * the folder, where the fitted model is then saved.
 * @throws PushforwardError `aborted` when the signal stopped it; see `fitVae` for the rest.
 */
export async function runVae(
  { config, training, validation, start, folder, place = { run: 0, of: 1 }, ...plan }: VaeRunOptions,
  { seed, resume = false, onStep, signal }: ExperimentSettings,
): Promise<FittedVae> {
  const vae = await buildVae(config);
  try {
    if (start !== undefined)
      copyWeights(start.latentModel.weights.values(), vae.latentModel.weights.values());
    const { rows } = training.x;
    const steps = plan.epochs * Math.ceil(rows / plan.batchSize);
    const started = start && weightsDigest(start.latentModel.weights.values());
    const fingerprint = JSON.stringify({ config, plan, rows, seed, start: started });
    const log = folder === undefined ? undefined : new MetricsLog(join(folder, 'metrics.jsonl'));
    if (folder !== undefined) await writing(folder, () => mkdir(folder, { recursive: true }));
    if (!resume) await log?.truncate(0);
    const { aborted, epochs, bestEpoch } = await fitVae(vae, {
      training,
      validation,
      ...plan,
      patience: plan.epochs,
      seed,
      onStep: (epoch, step, perEpoch) =>
        onStep?.(place.run * steps + (epoch - 1) * perEpoch + step, place.of * steps),
      onEpoch: (record) => log?.append(record),
      onResume: (epoch) => log?.truncate(epoch),
      ...(signal === undefined ? {} : { signal }),
      ...(folder === undefined
        ? {}
        : { checkpoint: { path: join(folder, 'checkpoint.safetensors'), fingerprint, resume } }),
    });
    if (aborted) {
      throw new PushforwardError('aborted', `stopped after ${epochs} of ${plan.epochs} epochs`, {
        mend: folder === undefined ? 'run it again' : 'go on from the last epoch with --resume',
      });
    }
    if (folder !== undefined) await saveVae(vae, config, folder);
    return { vae, steps, bestEpoch };
  } catch (error) {
    vae.dispose();
    throw error;
  }
}
