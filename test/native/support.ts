import test, { type ExecutionContext } from 'ava';
import { addonProblem, loadAddon, type NativeAddon, type SimdLevel } from '../../src/native/index.js';

/** What the .node file exports for tests alone. */
export interface TestedAddon extends NativeAddon {
  vectorMath(name: string, x: Float32Array, out: Float32Array): void;
}

/** A test of the addon; where there is none it says so and passes. */
export function nativeTest(
  title: string,
  body: (t: ExecutionContext, addon: TestedAddon) => void | Promise<void>,
): void {
  test.serial(title, async (t) => {
    const addon = loadAddon() as TestedAddon | null;
    if (addon === null) {
      t.log(`not tested: ${addonProblem()}`);
      t.pass();
      return;
    }
    const [level, threads] = [addon.simdLevel(), addon.threads()];
    try {
      await body(t, addon);
    } finally {
      addon.setSimdLevel(level);
      addon.setThreads(threads);
    }
  });
}

/** Runs the body on every path of this processor. */
export function onEveryLevel(addon: NativeAddon, body: (level: SimdLevel) => void): void {
  for (const level of addon.simdLevels()) {
    addon.setSimdLevel(level);
    body(level);
  }
}
