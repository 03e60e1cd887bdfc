import { PushforwardError } from '../errors.js';
import { turnTaker } from '../turns.js';
import type { ExperimentSettings } from './experiment.js';

/**
 * Counts the steps of an experiment, of all its runs together, and lets the process breathe.
 * @throws PushforwardError `aborted` from the returned function when the settings' signal says so.
 */
export function stepCounter({ onStep, signal }: ExperimentSettings, total: number): () => Promise<void> {
  let done = 0;
  const takeTurn = turnTaker();
  return async () => {
    done += 1;
    onStep?.(done, total);
    await takeTurn();
    if (signal?.aborted) {
      throw new PushforwardError('aborted', `stopped after ${done} of ${total} steps`, {
        mend: 'run it again: the same seed gives the same figures',
      });
    }
  };
}
