import { setImmediate } from 'node:timers/promises';
import { PushforwardError } from '../errors.js';
import type { ExperimentSettings } from './experiment.js';

/** Milliseconds of work after which signals and timers get their turn. */
const TURN = 40;

/**
 * Counts the steps of an experiment, of all its runs together, and lets the process breathe.
 * @throws PushforwardError `aborted` from the returned function when the settings' signal says so.
 */
export function stepCounter({ onStep, signal }: ExperimentSettings, total: number): () => Promise<void> {
  let done = 0;
  let turn = performance.now();
  return async () => {
    done += 1;
    onStep?.(done, total);
    if (performance.now() - turn > TURN) {
      await setImmediate();
      turn = performance.now();
    }
    if (signal?.aborted) {
      throw new PushforwardError('aborted', `stopped after ${done} of ${total} steps`, {
        mend: 'run it again: the same seed gives the same figures',
      });
    }
  };
}
