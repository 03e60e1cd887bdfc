import { setImmediate } from 'node:timers/promises';
import { PushforwardError } from '../../errors.js';

/**
 * Calls `body` for parts of `total` rows one after the other; signals and timers get their turn between them.
 * @throws PushforwardError `aborted` when the signal says so.
 */
export async function inTurns(
  total: number,
  size: number,
  signal: AbortSignal | undefined,
  body: (first: number, count: number) => void,
): Promise<void> {
  for (let first = 0; first < total; first += size) {
    await setImmediate();
    if (signal?.aborted) {
      throw new PushforwardError('aborted', `stopped while measuring row ${first} of ${total}`, {
        mend: 'run it again with --resume, which goes straight to the measuring',
      });
    }
    body(first, Math.min(size, total - first));
  }
}
