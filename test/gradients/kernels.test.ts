import test from 'ava';
import type { NativeBackend } from '../../src/backend/backend.js';
import { NATIVE_BACKEND, replacements } from '../../src/backend/registry.js';
import { loadAddon } from '../../src/native/index.js';
import { tf } from '../../src/tf.js';
import { Draw } from './kernels/draw.js';
import { entries, trainingKernels } from './kernels/index.js';
import { holdGradients } from './law.js';

const DRAWS = 3;

/** They change a shape, or nothing, and share the storage of their input on every backend. */
const SHARING: readonly string[] = [tf.Identity, tf.Reshape];

/** How many calls of a kernel the backend's own code answered. */
interface Calls {
  own: number;
}

/** Counts calls of the replaced kernels from here on, of which those of the backend are `run`. */
function countCalls(): Map<string, Calls> {
  const counts = new Map<string, Calls>();
  const native = loadAddon();
  if (native === null) return counts;
  for (const { kernelName, run } of replacements) {
    const calls = { own: 0 };
    counts.set(kernelName, calls);
    const { kernelFunc } = tf.getKernel(kernelName, 'cpu');
    tf.unregisterKernel(kernelName, NATIVE_BACKEND);
    tf.registerKernel({
      kernelName,
      backendName: NATIVE_BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const result = run({ inputs, attrs: attrs ?? {}, backend: backend as NativeBackend, native });
        if (result !== null) calls.own += 1;
        return result ?? kernelFunc({ inputs, attrs: attrs ?? {}, backend });
      },
    });
  }
  return counts;
}

const counts = countCalls();

test('every kernel of training has an entry, and one of the backend', (t) => {
  t.deepEqual(entries.map(({ kernel }) => kernel).sort(), [...trainingKernels].sort());
  const own = new Set(replacements.map(({ kernelName }) => kernelName));
  t.deepEqual(
    trainingKernels.filter((kernel) => !own.has(kernel) && !SHARING.includes(kernel)),
    [],
  );
});

for (const [place, { kernel, draw }] of entries.entries()) {
  test.serial(`${kernel} and its derivatives at random shapes`, (t) => {
    const before = counts.get(kernel)?.own ?? 0;
    for (let i = 0; i < DRAWS; i++) {
      const call = draw(new Draw(43, place * DRAWS + i));
      const shapes = call.inputs.map(({ shape }) => `[${shape}]`).join(' ');
      holdGradients(t, { ...call, name: `${kernel} ${shapes}` });
    }
    const calls = counts.get(kernel);
    if (calls === undefined) return;
    t.true(calls.own > before, `no call of ${kernel} was answered by the backend itself`);
  });
}
