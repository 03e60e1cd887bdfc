import type { ColumnKind } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import type { ModelChoice } from '../tables/architecture.js';
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

const DEFAULTS: Omit<FitSettings, 'model'> = {
  columns: {},
  drop: [],
  header: null,
  seed: 0,
  epochs: null,
  batchSize: null,
  learningRate: 1e-3,
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
  const settings: FitSettings = { ...DEFAULTS, ...saved, ...given, model };
  checkInteger('seed', settings.seed, 0);
  if (settings.epochs !== null) checkInteger('epochs', settings.epochs, 1);
  if (settings.batchSize !== null) checkInteger('batchSize', settings.batchSize, 1);
  checkInteger('patience', settings.patience, 1);
  const { learningRate, validation, test } = settings;
  if (!(learningRate > 0 && learningRate <= 1)) {
    throw badOption('learningRate', learningRate, 'a number above 0 and at most 1, such as 0.001');
  }
  for (const [name, share] of Object.entries({ validation, test })) {
    if (!(share > 0 && share < 1)) throw badOption(name, share, 'a share between 0 and 1, such as 0.1');
  }
  if (validation + test > 0.9) {
    throw badOption('validation + test', validation + test, 'at most 0.9, so that rows are left to train on');
  }
  return settings;
}

function checkInteger(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw badOption(name, value, `a whole number of at least ${least}`);
  }
}

function badOption(name: string, value: unknown, wanted: string): PushforwardError {
  return new PushforwardError('usage', `${name} is ${String(value)}`, { mend: `give ${wanted}` });
}
