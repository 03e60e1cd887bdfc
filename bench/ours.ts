/**
 * This project as a contender of the benchmark: `node ours.js THREADS`, driven by the same lines of JSON
 * as bench/peers/peer.py, which says what they are.
 */
import { createInterface } from 'node:readline';
import { loadAddon } from '../src/native/index.js';
import { Random, streamOf } from '../src/random.js';
import { tf } from '../src/tf.js';
import type { Configuration } from './configurations.js';
import { flowOf, multiplyAdds } from './flows.js';
import type { Task } from './tasks.js';
import { trainer } from './trainer.js';

const LEARNING_RATE = 1e-5;
const WARM_UPS = 3;

interface Request {
  readonly configuration: Configuration;
  readonly batch: number;
  readonly task: Task;
}

/** The task as a function without arguments, and what is known of its flow. */
function prepare({ configuration, batch, task }: Request) {
  const { dim, contextDim } = configuration;
  const flow = flowOf(configuration);
  const random = new Random(1, streamOf('bench'));
  const normal = (length: number) => {
    const values = new Float32Array(length);
    random.normal(values);
    return values;
  };
  // Off the identity that a flow starts as, where products with zeros might be cheaper than others.
  const values = flow.parameters.values();
  normal(values.length).forEach((noise, i) => {
    values[i] = (values[i] as number) + 0.02 * noise;
  });
  flow.parameters.assign(values);
  const x = normal(batch * dim);
  const context = contextDim > 0 ? normal(batch * contextDim) : null;
  const rows = tf.tensor2d(x, [batch, dim]);
  const conditions = context === null ? undefined : tf.tensor2d(context, [batch, contextDim]);
  const update = trainer(flow, values);
  const runs: Record<Task, () => void> = {
    train: () => update(x, context, LEARNING_RATE),
    logProb: () => {
      const densities = flow.logProb(rows, conditions);
      densities.dataSync();
      densities.dispose();
    },
    sample: () => {
      const options = conditions === undefined ? { seed: 1 } : { seed: 1, context: conditions };
      const drawn = flow.sample(batch, options);
      drawn.dataSync();
      drawn.dispose();
    },
  };
  const dispose = () => {
    flow.dispose();
    tf.dispose(conditions === undefined ? [rows] : [rows, conditions]);
  };
  return {
    run: runs[task],
    parameters: flow.parameters.count,
    multiplyAdds: multiplyAdds(flow.spec()),
    dispose,
  };
}

function timed(run: () => void, repeats: number) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < repeats; i++) run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function main(): Promise<void> {
  const addon = loadAddon();
  if (addon === null) {
    answer({ missing: 'the native addon is not built' });
    return;
  }
  addon.setThreads(Number(process.argv[2]));
  answer({ ready: { pushforward: addon.version, simd: addon.simdLevel() } });
  let prepared: ReturnType<typeof prepare> | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request | { readonly repeats: number };
    if ('repeats' in request) {
      if (prepared === undefined) throw new Error('nothing is prepared');
      answer(timed(prepared.run, request.repeats));
      continue;
    }
    prepared?.dispose();
    const start = performance.now();
    prepared = prepare(request);
    for (let i = 0; i < WARM_UPS; i++) prepared.run();
    const { parameters, multiplyAdds } = prepared;
    answer({ parameters, multiplyAdds, warmUpSeconds: (performance.now() - start) / 1000 });
  }
}

await main();
