import { badOption, checkWhole } from '../checks.js';

/** The settings that fits of all kinds of data have. */
export interface CommonSettings {
  readonly seed: number;
  readonly epochs: number | null;
  readonly batchSize: number | null;
  /** Null is the model's own. */
  readonly learningRate: number | null;
  readonly patience: number | null;
  readonly validation: number;
  readonly test: number;
}

/** @throws PushforwardError `usage` naming the setting and what it may be. */
export function checkCommonSettings(settings: CommonSettings): void {
  checkWhole('seed', settings.seed, 0);
  for (const name of ['epochs', 'batchSize', 'patience'] as const) {
    const value = settings[name];
    if (value !== null) checkWhole(name, value);
  }
  const { learningRate, validation, test } = settings;
  if (learningRate !== null && !(learningRate > 0 && learningRate <= 1)) {
    throw badOption('learningRate', learningRate, 'a number above 0 and at most 1, such as 0.001');
  }
  for (const [name, share] of Object.entries({ validation, test })) {
    if (!(share > 0 && share < 1)) throw badOption(name, share, 'a share between 0 and 1, such as 0.1');
  }
  if (validation + test > 0.9) {
    throw badOption('validation + test', validation + test, 'at most 0.9, so that rows are left to train on');
  }
}
