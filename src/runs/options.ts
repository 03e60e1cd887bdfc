import type { ColumnKind } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import type { ModelChoice } from '../tables/architecture.js';
import { checkCommonSettings } from './commonSettings.js';
import { resolveModel } from './modelOptions.js';
import type { FitTableOptions } from './types.js';

/** The options that decide what a fit computes, all filled in. */
export interface FitSettings {
  readonly columns: Readonly<Record<string, ColumnKind>>;
  readonly drop: readonly string[];
  readonly header: boolean | null;
  readonly model: ModelChoice;
  readonly seed: number;
  readonly epochs: number | null;
  readonly batchSize: number | null;
  readonly learningRate: number;
  readonly patience: number;
  readonly validation: number;
  readonly test: number;
}

const LEARNING_RATE = 1e-3;
/** Adversarial networks chase each other at higher rates. */
const GAN_LEARNING_RATE = 2e-4;

const DEFAULTS: Omit<FitSettings, 'model'> = {
  columns: {},
  drop: [],
  header: null,
  seed: 0,
  epochs: null,
  batchSize: null,
  learningRate: LEARNING_RATE,
  patience: 40,
  validation: 0.1,
  test: 0.1,
};

const SETTINGS = Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[];

/**
 * Checks what the caller gave and fills in the rest: from the run that is gone on with, else from the defaults.
 * @throws PushforwardError `usage` naming the option and what it may be.
 */
export function resolveSettings(options: FitTableOptions, saved?: FitSettings): FitSettings {
  const given = Object.fromEntries(
    SETTINGS.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  const model = resolveModel(options.model ?? {}, saved?.model);
  const isGan = model.name === 'gan';
  if (isGan && options.patience !== undefined) {
    throw new PushforwardError('usage', 'a gan does not stop early, so it has no patience', {
      mend: 'leave it out, and give --epochs',
    });
  }
  const defaults = { ...DEFAULTS, learningRate: isGan ? GAN_LEARNING_RATE : LEARNING_RATE };
  const settings: FitSettings = { ...defaults, ...saved, ...given, model };
  checkCommonSettings(settings);
  return settings;
}
