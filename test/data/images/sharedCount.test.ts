import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { waitBeyond } from '../../../src/data/images/sharedCount.js';

test('a wait outlasts being woken for what was seen before, and ends with the count', async (t) => {
  const count = new Int32Array(new SharedArrayBuffer(4));
  const other = `
    const { parentPort, workerData: count } = require('node:worker_threads');
    parentPort.postMessage('ready');
    parentPort.once('message', () => {
      const rest = new Int32Array(new SharedArrayBuffer(4));
      for (let k = 0; k < 5; k++) {
        Atomics.wait(rest, 0, 0, 20);
        Atomics.notify(count, 0);
      }
      Atomics.add(count, 0, 1);
      Atomics.notify(count, 0);
    });`;
  const worker = new Worker(other, { eval: true, workerData: count });
  await once(worker, 'message');
  worker.postMessage('go');
  waitBeyond(count, 0, 10_000, () => t.fail());
  t.is(Atomics.load(count, 0), 1);
  waitBeyond(count, 0, 10_000, () => t.fail());
  await worker.terminate();
});

test('it looks up as often as it is told to, and what that throws ends it', (t) => {
  const count = new Int32Array(new SharedArrayBuffer(4));
  let looks = 0;
  const error = t.throws(() =>
    waitBeyond(count, 0, 5, () => {
      looks += 1;
      if (looks === 3) throw new Error('gone');
    }),
  );
  t.is(error?.message, 'gone');
  t.is(looks, 3);
});
