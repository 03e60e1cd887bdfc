import type { ExecutionContext } from 'ava';
import type { TestedAddon } from '../native/support.js';

/** What a bad call says, and the call. TypeScript would refuse most of them, hence the casts. */
export type BadCall = readonly [RegExp, (addon: TestedAddon) => unknown];

export const floats = (length: number): Float32Array => new Float32Array(length);
export const layout = (...numbers: number[]): Int32Array => Int32Array.from(numbers);

/** Not of the type that TypeScript asks for here. */
export const wrong = <T>(value: unknown): T => value as T;

export function holdRefusals(t: ExecutionContext, addon: TestedAddon, calls: readonly BadCall[]): void {
  for (const [message, call] of calls) {
    t.throws(() => call(addon), { instanceOf: TypeError, message }, String(message));
  }
}
