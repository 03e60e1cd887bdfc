import { Worker } from 'node:worker_threads';
import test from 'ava';
import { addonProblem, loadAddon } from '../../src/native/index.js';
import { feed, flowOf } from './flows.js';

const spec = flowOf({ dim: 5, contextDim: 2, hidden: [48, 32] });
const rows = 700;

/** Computes in a thread of its own and gives the last gradient back. */
function gradientInWorker(rounds: number): Promise<Float32Array> {
  const worker = new Worker(new URL('./gradientWorker.js', import.meta.url), {
    workerData: { spec, rows, rounds },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

test('two worker threads load the addon and compute at once', async (t) => {
  const addon = loadAddon();
  if (addon === null) {
    t.log(`not tested: ${addonProblem()}`);
    t.pass();
    return;
  }
  addon.setThreads(2);
  const { parameters, x, context } = feed(spec, rows);
  const plan = new addon.FlowPlan(spec);
  const working = [gradientInWorker(150), gradientInWorker(150), gradientInWorker(150)];
  const own = new Float32Array(spec.parameterCount);
  for (let round = 0; round < 50; round++) {
    plan.valueAndGrad(parameters, x, context, null, own);
    await new Promise(setImmediate);
  }
  for (const gradient of await Promise.all(working)) t.deepEqual(gradient, own);
});

test('the addon outlives the thread that loaded it', async (t) => {
  if (loadAddon() === null) {
    t.log(`not tested: ${addonProblem()}`);
    t.pass();
    return;
  }
  const first = await gradientInWorker(1);
  const second = await gradientInWorker(1);
  t.deepEqual(first, second);
});
