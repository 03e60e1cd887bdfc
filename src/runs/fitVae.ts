import type { ContextRows } from '../data/rowSource.js';
import { fit, type TrainHooks, type TrainResult } from '../train/fit.js';
import type { TrainOptions } from '../train/trainOptions.js';
import type { Vae } from '../vae/vae.js';
import { VaeFactor } from '../vae/vaeFactor.js';

export interface FitVaeOptions extends Partial<Omit<TrainOptions, 'rows'>>, TrainHooks {
  readonly training: ContextRows;
  /** Rows that early stopping goes by. */
  readonly validation: ContextRows;
  /** Told after each validation, and one before the first step, while the model has the weights that were validated. */
  readonly onValidated?: () => void;
}

/**
 * Fits a VAE to rows by its objective and leaves it with the weights of its best epoch, running statistics of
 * batch normalisation and all. Defaults: 100 epochs, batches of 100, AdamW with learning rate 1e-3 and no
 * weight decay, gradients cut at norm 100, patience 20, seed 0.
 * @throws PushforwardError `shape` or `input` for rows that the model is not of; see `fit` for the rest.
 */
export async function fitVae(
  vae: Vae,
  { training, validation, seed = 0, onValidated, ...options }: FitVaeOptions,
): Promise<TrainResult> {
  const factor = new VaeFactor(vae, {
    training,
    validation,
    seed,
    ...(onValidated === undefined ? {} : { onValidated }),
  });
  const {
    epochs = 100,
    batchSize = 100,
    learningRate = 1e-3,
    weightDecay = 0,
    clipNorm = 100,
    patience = 20,
    ...hooks
  } = options;
  const plan = { epochs, batchSize, learningRate, weightDecay, clipNorm, patience };
  const result = await fit([factor], { ...plan, seed, rows: training.x.rows }, hooks);
  factor.finish();
  return result;
}
