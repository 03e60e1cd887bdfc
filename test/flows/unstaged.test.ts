import test from 'ava';
import '../../src/backend/index.js';
import { PushforwardError } from '../../src/errors.js';
import { ActNorm } from '../../src/flows/actNorm.js';
import type { Bijection } from '../../src/flows/bijection.js';
import { Flow } from '../../src/flows/flow.js';
import { registry } from '../../src/flows/registry.js';
import { tf } from '../../src/tf.js';
import { addonOrSkip, difference, flowOf, hasStage, leavesNoTensors, normals, rowsFor } from './laws.js';

/** An ActNorm that the addon has no stage for. */
function unstaged(dim: number): Bijection {
  return Object.assign(new ActNorm(dim), { spec: () => null });
}

const flows: [string, () => Flow][] = [
  [
    'one such layer among others',
    () => {
      const flow = new Flow({ dim: 3, bijections: [new ActNorm(3), unstaged(3)] });
      flow.parameters.assign(normals(flow.parameters.count, 3, 0.4));
      return flow;
    },
  ],
];
for (const entry of registry) if (!hasStage(entry)) flows.push([entry.name, () => flowOf(entry, false)]);

for (const [name, build] of flows) {
  test.serial(`${name}: without a native stage a flow is its definition on the backend \`native\``, (t) => {
    if (addonOrSkip(t) === null) return;
    const flow = build();
    const results = ['native', 'cpu'].map((backend) => {
      void tf.setBackend(backend);
      const found: Float32Array[] = [];
      leavesNoTensors(t, () => {
        const { x, context } = rowsFor(flow, 6);
        const { z, logDet } = flow.forward(x, context);
        const tensors = [flow.logProb(x, context), z, logDet, flow.inverse(x, context).x];
        found.push(...tensors.map((tensor) => tensor.dataSync<'float32'>().slice()));
        const gradient = new Float32Array(flow.parameters.count);
        const host = context?.dataSync<'float32'>() ?? null;
        const loss = flow.negativeLogLikelihoodAndGradient(x.dataSync<'float32'>(), host, gradient);
        found.push(gradient, Float32Array.of(loss));
      });
      return found;
    });
    void tf.setBackend('native');
    for (const [i, values] of (results[0] as Float32Array[]).entries()) {
      const error = difference(values, results[1]?.[i] as Float32Array);
      t.true(error < 1e-4, `result ${i}: ${error}`);
    }
    const error = t.throws(() => flow.spec(), { instanceOf: PushforwardError });
    t.is(error.code, 'unsupported');
    flow.dispose();
  });
}
