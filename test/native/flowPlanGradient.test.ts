import type { FlowSpec } from '../../src/native/spec.js';
import { distance, type Fed, type FlowShape, feed, flowOf, normals, row } from './flows.js';
import { referenceForward, referenceLogProb } from './reference.js';
import { shapes } from './shapes.js';
import { nativeTest, onEveryLevel } from './support.js';

/** Central difference of a double function of one argument of an array. */
function slope(values: Float64Array, index: number, f: () => number): number {
  const [kept, step] = [values[index] as number, 1e-5];
  values[index] = kept + step;
  const above = f();
  values[index] = kept - step;
  const below = f();
  values[index] = kept;
  return (above - below) / (2 * step);
}

const slopes = (values: Float64Array, f: () => number) => [...values.keys()].map((i) => slope(values, i, f));

/** What `vectorJacobian` differentiates, in double. */
function pairing(fed: Fed, gz: Float32Array, gLogDet: Float32Array) {
  const { dim, contextDim } = fed.spec;
  const p = Float64Array.from(fed.parameters);
  const x = Float64Array.from(fed.x);
  const context = Float64Array.from(fed.context ?? []);
  const ofRow = (r: number) => {
    const at = [...x.subarray(r * dim, (r + 1) * dim)];
    const { values, logDet } = referenceForward(fed.spec, p, at, [
      ...context.subarray(r * contextDim, (r + 1) * contextDim),
    ]);
    return values.reduce(
      (sum, z, i) => sum + z * (gz[r * dim + i] as number),
      logDet * (gLogDet[r] as number),
    );
  };
  const ofAll = () =>
    Array.from({ length: fed.rows }, (_, r) => ofRow(r)).reduce((sum, value) => sum + value, 0);
  return { p, x, context, ofRow, ofAll };
}

function pull(plan: { vectorJacobian: VectorJacobian }, fed: Fed, gz: Float32Array, gLogDet: Float32Array) {
  const gx = new Float32Array(fed.x.length);
  const gContext = fed.context === null ? null : new Float32Array(fed.context.length);
  const gParameters = new Float32Array(fed.spec.parameterCount).fill(9);
  plan.vectorJacobian(fed.parameters, fed.x, fed.context, gz, gLogDet, gx, gContext, gParameters);
  return { gx, gContext, gParameters };
}
type VectorJacobian = import('../../src/native/addon.js').NativeFlowPlan['vectorJacobian'];

for (const [name, shape] of Object.entries(shapes)) {
  nativeTest(`vectorJacobian is the finite difference: ${name}`, (t, addon) => {
    const fed = feed(flowOf(shape), 3);
    const [gz, gLogDet] = [normals('gz', fed.x.length), normals('gLogDet', fed.rows)];
    const { p, x, context, ofRow, ofAll } = pairing(fed, gz, gLogDet);
    const expected = {
      x: [...x.keys()].map((i) => slope(x, i, () => ofRow(Math.floor(i / fed.spec.dim)))),
      context: [...context.keys()].map((i) =>
        slope(context, i, () => ofRow(Math.floor(i / fed.spec.contextDim))),
      ),
      parameters: slopes(p, ofAll),
    };
    const plan = new addon.FlowPlan(fed.spec);
    onEveryLevel(addon, (level) => {
      const { gx, gContext, gParameters } = pull(plan, fed, gz, gLogDet);
      t.true(distance(gx, expected.x) < 2e-4, `x on ${level}: ${distance(gx, expected.x)}`);
      t.true(distance(gContext ?? [], expected.context) < 2e-4, `context on ${level}`);
      t.true(distance(gParameters, expected.parameters) < 2e-4, `parameters on ${level}`);
    });
  });
}

nativeTest('rows are independent: a batch has the gradients of its rows', (t, addon) => {
  const spec = flowOf({ dim: 5, contextDim: 2, hidden: [33, 20] });
  const fed = feed(spec, 1000);
  const [gz, gLogDet] = [normals('gz', fed.x.length), normals('gLogDet', fed.rows)];
  const plan = new addon.FlowPlan(spec);
  const whole = pull(plan, fed, gz, gLogDet);
  const summed = new Float64Array(spec.parameterCount);
  for (let first = 0; first < fed.rows; first += 7) {
    const end = Math.min(fed.rows, first + 7);
    const cut = (values: Float32Array, width: number) => values.slice(first * width, end * width);
    const part: Fed = {
      ...fed,
      rows: end - first,
      x: cut(fed.x, 5),
      context: cut(fed.context as Float32Array, 2),
    };
    const { gx, gContext, gParameters } = pull(plan, part, cut(gz, 5), cut(gLogDet, 1));
    t.true(distance(gx, cut(whole.gx, 5)) < 1e-5);
    t.true(distance(gContext as Float32Array, cut(whole.gContext as Float32Array, 2)) < 1e-5);
    gParameters.forEach((g, i) => {
      summed[i] = (summed[i] as number) + g;
    });
  }
  const scale = Math.hypot(...summed) / Math.sqrt(summed.length);
  const apart = summed.map((value, i) => (value - (whole.gParameters[i] as number)) / scale);
  t.true(apart.every((a) => Math.abs(a) < 1e-4));
});

const couplings: Record<string, Partial<FlowShape>> = {
  affine: {},
  spline: { spline: { bins: 4, bound: 3 } },
  autoregressive: { autoregressive: true },
};
for (const [name, shape] of Object.entries(couplings))
  nativeTest(`a flow whose activations are too many to keep computes them again: ${name}`, (t, addon) => {
    // Six layers or more with 2100 values and slopes a row are above what a tile may keep.
    const spec = flowOf({ ...shape, dim: 3, hidden: [2100], rounds: 2, activation: 'silu' });
    const fed = feed(spec, 20, 0.03);
    const direction = normals('direction', spec.parameterCount);
    const plan = new addon.FlowPlan(spec);
    const gradient = new Float32Array(spec.parameterCount);
    plan.valueAndGrad(fed.parameters, fed.x, null, null, gradient);
    const loss = (step: number) => {
      const moved = fed.parameters.map((value, i) => value + step * (direction[i] as number));
      const out = new Float32Array(fed.rows);
      plan.logProb(moved, fed.x, null, out);
      return -out.reduce((sum, value) => sum + value, 0) / fed.rows;
    };
    const expected = (loss(1e-3) - loss(-1e-3)) / 2e-3;
    const actual = gradient.reduce((sum, g, i) => sum + g * (direction[i] as number), 0);
    t.true(Math.abs(actual - expected) < 0.01 * Math.abs(expected), `${actual} and ${expected}`);
  });

function meanLoss(spec: FlowSpec, fed: Fed, weights: readonly number[]): (p: Float64Array) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (p) =>
    weights.reduce(
      (sum, weight, r) =>
        sum -
        (weight / total) *
          referenceLogProb(spec, p, row(fed.x, spec.dim, r), row(fed.context, spec.contextDim, r)),
      0,
    );
}

for (const weighted of [false, true]) {
  nativeTest(
    `valueAndGrad is the ${weighted ? 'weighted ' : ''}mean and its finite difference`,
    (t, addon) => {
      const spec = flowOf({ dim: 4, contextDim: 2, hidden: [9], rounds: 1 });
      const fed = feed(spec, 70);
      const weights = weighted ? normals('weights', fed.rows).map((w) => Math.max(0, w)) : null;
      const loss = meanLoss(spec, fed, [...(weights ?? new Float32Array(fed.rows).fill(1))]);
      const p = Float64Array.from(fed.parameters);
      const [value, expected] = [loss(p), slopes(p, () => loss(p))];
      const plan = new addon.FlowPlan(spec);
      onEveryLevel(addon, (level) => {
        const gradient = new Float32Array(spec.parameterCount).fill(9);
        const actual = plan.valueAndGrad(fed.parameters, fed.x, fed.context, weights, gradient);
        t.true(Math.abs(actual - value) < 1e-5 * Math.abs(value), level);
        t.true(distance(gradient, expected) < 1e-4, `${level}: ${distance(gradient, expected)}`);
      });
    },
  );
}
