import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { endlessCalls } from './endlessCalls.js';
import { nativeTest } from './support.js';

const KINDS = ['product', 'plan'] as const;
const ROUNDS = 7;

/** Resolves when the worker is about to be inside of a native call for most of the rest of its life. */
async function started(kind: (typeof KINDS)[number]): Promise<Worker> {
  const worker = new Worker(new URL('./endlessWorker.js', import.meta.url), { workerData: kind });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return worker;
}

nativeTest('workers that are ended within native calls do no harm to the others', async (t, addon) => {
  addon.setThreads(3);
  const calls = endlessCalls();
  const expected = KINDS.map((kind) => calls[kind]().slice());
  const holds = () => KINDS.every((kind, i) => Buffer.from(calls[kind]().buffer).equals(bytes(expected[i])));
  for (let round = 0; round < ROUNDS; round++) {
    const workers = await Promise.all([...KINDS, ...KINDS].map(started));
    t.true(holds(), `round ${round}: beside workers`);
    const codes: Promise<number>[] = [];
    for (const [i, worker] of workers.entries()) {
      // At another moment of its calls each time.
      await sleep((round + i) % 3);
      codes.push(worker.terminate());
      t.true(holds(), `round ${round}: while worker ${i} ends`);
    }
    t.deepEqual(await Promise.all(codes), [1, 1, 1, 1]);
  }
  for (const threads of [1, 2, 3]) {
    addon.setThreads(threads);
    t.true(holds(), `in the end, on ${threads} threads`);
  }
});

function bytes(values: Float32Array | undefined): Buffer {
  return Buffer.from((values as Float32Array).buffer);
}
