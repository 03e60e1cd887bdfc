/** This project as a contender of the benchmark: `node ours.js THREADS`, its networks on the backend `native`. */
import '../src/backend/index.js';
import { loadAddon } from '../src/native/index.js';
import { Random, streamOf } from '../src/random.js';
import { tf } from '../src/tf.js';
import { flowTrainer } from '../src/train/flowTrainer.js';
import type { Configuration } from './configurations.js';
import { flowOf, multiplyAdds } from './flows.js';
import type { NetworkConfiguration } from './networks/configurations.js';
import { prepareNetwork } from './networks/prepare.js';
import { answer, type Prepared, serve } from './serve.js';
import { PASSES, type Task } from './tasks.js';

const LEARNING_RATE = 1e-5;

interface Asked {
  readonly warmSeconds: number;
}

interface FlowRequest extends Asked {
  readonly configuration: Configuration;
  readonly batch: number;
  readonly task: Task;
}

function prepareFlow({ configuration, batch, task }: FlowRequest): Prepared {
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
  const update = flowTrainer(flow, values);
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
  return {
    run: runs[task],
    parameters: flow.parameters.count,
    multiplyAdds: PASSES[task] * batch * multiplyAdds(flow.spec()),
    dispose: () => {
      flow.dispose();
      tf.dispose(conditions === undefined ? [rows] : [rows, conditions]);
    },
  };
}

type Request = FlowRequest | (Asked & { readonly configuration: NetworkConfiguration });

async function main(): Promise<void> {
  const addon = loadAddon();
  if (addon === null) {
    answer({ missing: 'the native addon is not built' });
    return;
  }
  addon.setThreads(Number(process.argv[2]));
  await serve<Request>({ pushforward: addon.version, simd: addon.simdLevel() }, (request) =>
    'flow' in request.configuration
      ? prepareFlow(request as FlowRequest)
      : prepareNetwork(request.configuration),
  );
}

await main();
