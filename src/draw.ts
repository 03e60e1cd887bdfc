import { PushforwardError } from './errors.js';

/** How rows are drawn. */
export interface DrawOptions {
  /** Seed of the draw, a whole number from 0. Default 0. The same seed gives the same rows. */
  readonly seed?: number;
  /** Factor on the standard deviation of the latent draw. Default 1. */
  readonly temperature?: number;
}

/**
 * The options with their defaults.
 * @throws PushforwardError `usage` for a count, seed or temperature that makes no sense.
 */
export function checkDraw(rows: number, { seed = 0, temperature = 1 }: DrawOptions): Required<DrawOptions> {
  const wrong = (what: string, mend: string) => new PushforwardError('usage', what, { mend });
  if (!Number.isSafeInteger(rows) || rows < 0) {
    throw wrong(`cannot draw ${rows} rows`, 'ask for a whole number of rows');
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw wrong(`the seed is ${seed}`, 'give a whole number that is not negative');
  }
  if (!(temperature >= 0 && Number.isFinite(temperature))) {
    throw wrong(`the temperature is ${temperature}`, 'give a number that is not negative');
  }
  return { seed, temperature };
}
