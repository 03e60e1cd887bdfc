import test, { type ExecutionContext } from 'ava';
import { AffineCoupling } from '../../src/flows/affineCoupling.js';
import { Flow } from '../../src/flows/flow.js';
import { nsf } from '../../src/flows/presets/nsf.js';
import { realNvp } from '../../src/flows/presets/realNvp.js';
import { type Interval, type RegistryEntry, registry } from '../../src/flows/registry.js';
import type { NativeAddon, NativeFlowPlan } from '../../src/native/addon.js';
import { type FlowInputs, fusedForward, fusedInverse, fusedLogProb } from '../../src/ops/fusedFlow.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../src/tf.js';
import { addonOrSkip, difference, flowOf, hasStage, leavesNoTensors, normals, rowsFor } from './laws.js';

/** Where a flow's rows have to lie, and what it makes of them. */
type Limits = Pick<RegistryEntry, 'domain' | 'range'>;

/** Flows with weights far from those they start with, by name. */
const flows: [string, () => Flow, Limits?][] = registry
  .filter(hasStage)
  .map((entry) => [entry.name, () => flowOf(entry, true), entry]);
for (const [dim, contextDim] of [
  [1, 0],
  [1, 2],
  [2, 0],
  [7, 0],
  [6, 30],
] as const) {
  flows.push([
    `Real NVP in ${dim} dimensions with context of ${contextDim}`,
    () => {
      const flow = realNvp({ dim, contextDim, layers: 4, hidden: [24, 17], reference: true });
      flow.parameters.assign(normals(flow.parameters.count, 90, 0.2));
      return flow;
    },
  ]);
}

for (const [dim, contextDim] of [
  [1, 2],
  [2, 0],
  [7, 3],
] as const) {
  flows.push([
    `Neural spline flow in ${dim} dimensions with context of ${contextDim}`,
    () => {
      const flow = nsf({ dim, contextDim, layers: 3, hidden: [24, 17], reference: true });
      flow.parameters.assign(normals(flow.parameters.count, 90, 0.2));
      return flow;
    },
  ]);
}

flows.push([
  'a coupling without context beside one with',
  () => {
    const halves = { dim: 2, identity: [0], transformed: [1], hidden: [4], activation: 'gelu' } as const;
    const bijections = [new AffineCoupling(halves), new AffineCoupling({ ...halves, contextDim: 2 })];
    const flow = new Flow({ dim: 2, contextDim: 2, bijections, reference: true });
    flow.parameters.assign(normals(flow.parameters.count, 94, 0.4));
    return flow;
  },
]);

/** A scalar of everything a map reads and gives, with no symmetry that hides a mistake. */
function mix(rows: Tensor2D, logDet: Tensor1D): tf.Scalar {
  const n = rows.shape[0];
  const weighted = tf.sum<tf.Scalar>(tf.mul(rows, tf.tensor2d(normals(rows.size, 91), rows.shape)));
  return tf.add(weighted, tf.sum<tf.Scalar>(tf.mul(logDet, tf.tensor1d(normals(n, 92)))));
}

function inputsOf(flow: Flow, n: number, interval: Interval | undefined): FlowInputs {
  const { x, context } = rowsFor(flow, n, interval);
  return { rows: x, context, flat: tf.tensor1d(flow.parameters.values()) };
}

/** Gradients of f for rows, weights and context, where there are any. */
function gradientsOf(inputs: FlowInputs, f: (inputs: FlowInputs) => tf.Scalar): Tensor[] {
  const { rows, context, flat } = inputs;
  const replaced: [Tensor, (value: Tensor) => FlowInputs][] = [
    [rows, (value) => ({ ...inputs, rows: value as Tensor2D })],
  ];
  if (flat.size > 0) replaced.push([flat, (value) => ({ ...inputs, flat: value })]);
  if (context !== undefined) replaced.push([context, (value) => ({ ...inputs, context: value as Tensor2D })]);
  return replaced.map(([tensor, into]) => tf.grad((value) => f(into(value)))(tensor));
}

function close(t: ExecutionContext, found: Tensor, expected: Tensor, tolerance: number, what: string): void {
  const error = difference(found, expected);
  t.true(error < tolerance, `${what}: ${error}`);
}

/** Every way to run the plan, against the tfjs definition. */
function agrees(
  t: ExecutionContext,
  flow: Flow,
  plan: NativeFlowPlan,
  n: number,
  { domain, range }: Limits,
): void {
  const inputs = inputsOf(flow, n, domain);
  const { rows, context, flat } = inputs;
  const { definition } = flow;
  const there = fusedForward(plan, inputs);
  const expected = definition.forward(rows, context, flat);
  close(t, there.z, expected.z, 1e-4, 'forward');
  close(t, there.logDet, expected.logDet, 1e-4, 'log-determinant');
  const latents = inputsOf(flow, n, range);
  const back = fusedInverse(plan, latents);
  const data = definition.inverse(latents.rows, context, flat);
  close(t, back.x, data.x, 1e-4, 'inverse');
  close(t, back.logDet, data.logDet, 1e-4, 'log-determinant of the inverse');
  close(t, fusedLogProb(plan, inputs), definition.logProb(rows, context, flat), 1e-4, 'log p');
  if (n === 0) return;

  const pulls: [string, (inputs: FlowInputs) => tf.Scalar, (inputs: FlowInputs) => tf.Scalar][] = [
    [
      'forward',
      (at) => {
        const { z, logDet } = fusedForward(plan, at);
        return mix(z, logDet);
      },
      (at) => {
        const { z, logDet } = definition.forward(at.rows, at.context, at.flat);
        return mix(z, logDet);
      },
    ],
    [
      'log p',
      (at) => tf.sum(tf.mul(fusedLogProb(plan, at), tf.tensor1d(normals(n, 93)))),
      (at) => tf.sum(tf.mul(definition.logProb(at.rows, at.context, at.flat), tf.tensor1d(normals(n, 93)))),
    ],
  ];
  for (const [name, fused, reference] of pulls) {
    const found = gradientsOf(inputs, fused);
    gradientsOf(inputs, reference).forEach((gradient, i) => {
      const scale = Math.max(1, tf.max(tf.abs(gradient)).dataSync()[0] as number);
      close(t, tf.div(found[i] as Tensor, scale), tf.div(gradient, scale), 1e-4, `gradient ${i} of ${name}`);
    });
  }
}

/** The one-pass likelihood and gradient, which fits use, against the tape of the definition. */
function fitsAlike(
  t: ExecutionContext,
  flow: Flow,
  plan: NativeFlowPlan,
  n: number,
  { domain }: Limits,
): void {
  const { x, context } = rowsFor(flow, n, domain);
  const host = context?.dataSync<'float32'>() ?? null;
  for (const weights of [null, Float32Array.from({ length: n }, (_, i) => (i % 5) / 2 + 0.1)]) {
    const expected = new Float32Array(flow.parameters.count);
    const loss = flow.negativeLogLikelihoodAndGradient(x.dataSync<'float32'>(), host, expected, weights);
    const found = new Float32Array(flow.parameters.count);
    const value = plan.valueAndGrad(flow.parameters.read(), x.dataSync<'float32'>(), host, weights, found);
    t.true(Math.abs(value - loss) < 1e-4 * (1 + Math.abs(loss)), `${value} and ${loss}`);
    t.true(difference(found, expected) < 2e-4, `${difference(found, expected)}`);
  }
}

function withPlan(
  t: ExecutionContext,
  build: () => Flow,
  body: (flow: Flow, plan: NativeFlowPlan) => void,
): void {
  const addon = addonOrSkip(t);
  if (addon === null) return;
  const flow = build();
  const plan = new addon.FlowPlan(flow.spec());
  forEachLevel(addon, () => leavesNoTensors(t, () => body(flow, plan)));
  flow.dispose();
}

/** Runs the body under each instruction set that this processor has. */
function forEachLevel(addon: NativeAddon, body: () => void): void {
  const level = addon.simdLevel();
  try {
    for (const other of addon.simdLevels()) {
      addon.setSimdLevel(other);
      body();
    }
  } finally {
    addon.setSimdLevel(level);
  }
}

for (const [name, build, limits = {}] of flows) {
  test.serial(`${name}: the plan is the definition, in values and gradients`, (t) => {
    withPlan(t, build, (flow, plan) => {
      for (const n of [0, 1, 70]) agrees(t, flow, plan, n, limits);
    });
  });

  test.serial(`${name}: the plan's likelihood and gradient in one pass are the tape's`, (t) => {
    withPlan(t, build, (flow, plan) => {
      for (const n of [1, 70]) fitsAlike(t, flow, plan, n, limits);
    });
  });

  test.serial(`${name}: in the plan NaN stays in its row, and far rows come back`, (t) => {
    withPlan(t, build, (flow, plan) => {
      const { x, context } = rowsFor(flow, 3, limits.domain);
      const flat = flow.parameters.variable;
      const clean = fusedLogProb(plan, { rows: x, context, flat }).dataSync();
      const values = x.dataSync().slice();
      values[flow.dim] = Number.NaN;
      const spoilt = tf.tensor2d(values, [3, flow.dim]);
      const found = fusedLogProb(plan, { rows: spoilt, context, flat }).dataSync();
      t.deepEqual([found[0], found[2]], [clean[0], clean[2]]);
      t.true(Number.isNaN(found[1]));
      const signs = Float32Array.from({ length: 3 * flow.dim }, (_, i) => (i % 2 === 0 ? 1e4 : -1e4));
      const far = tf.tensor2d(signs, [3, flow.dim]);
      const there = fusedForward(plan, { rows: far, context, flat });
      const expected = flow.definition.forward(far, context);
      t.true(difference(there.z, expected.z) < 1e-3);
      const back = fusedInverse(plan, { rows: there.z, context, flat });
      if (limits.domain === undefined && limits.range === undefined) t.true(difference(back.x, far) < 2e-3);
      t.true([there.logDet, back.x, back.logDet].every((result) => result.dataSync().every(Number.isFinite)));
    });
  });
}
