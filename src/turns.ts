import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work after which signals and timers get their turn. */
const TURN = 40;

/**
 * Gives a function for work of many short steps to await after each: it lets signals and timers have their turn where
 * there was none for 40 ms. One is for all of the work: an epoch may be shorter than that.
 */
export function turnTaker(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last <= TURN) return;
    await setImmediate();
    last = performance.now();
  };
}
