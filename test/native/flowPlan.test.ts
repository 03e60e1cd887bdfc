import { autoregressiveShapes, distance, type FlowShape, feed, flowOf, normals, row } from './flows.js';
import { referenceForward, referenceLogProb } from './reference.js';
import { nativeTest, onEveryLevel } from './support.js';

const shapes: Record<string, FlowShape> = {
  ...autoregressiveShapes,
  'five features, context': { dim: 5, contextDim: 3 },
  'one feature': { dim: 1 },
  'one feature, context': { dim: 1, contextDim: 2, hidden: [8] },
  'no hidden layers': { dim: 4, hidden: [] },
  'no hidden layers, context': { dim: 3, contextDim: 1, hidden: [] },
  'two features, one hidden unit': { dim: 2, hidden: [1] },
  'three hidden layers of odd widths': { dim: 7, hidden: [13, 5, 33], activation: 'silu' },
  'more features than lanes': { dim: 37, contextDim: 19, hidden: [40], activation: 'gelu', rounds: 1 },
  'context that the couplings leave out': { dim: 3, contextDim: 4, ignoreContext: true },
  relu: { dim: 6, activation: 'relu' },
  leakyRelu: { dim: 6, activation: 'leakyRelu' },
  gelu: { dim: 6, activation: 'gelu' },
  'a tight bound': { dim: 4, logScaleBound: 0.1 },
  'a wide bound': { dim: 4, logScaleBound: 30 },
  'separate networks': { dim: 5, contextDim: 3, separateNetworks: true },
  'separate residual networks': { dim: 4, hidden: [14], residualBlocks: 1, separateNetworks: true },
  'residual conditioners': { dim: 5, contextDim: 3, hidden: [11], residualBlocks: 2, activation: 'silu' },
  'residual conditioners, wide': { dim: 4, hidden: [70], residualBlocks: 1, activation: 'relu', rounds: 1 },
  'residual conditioners of splines': {
    dim: 5,
    hidden: [9],
    residualBlocks: 2,
    activation: 'leakyRelu',
    spline: { bins: 4, bound: 3 },
  },
  'autoregressive maps': { dim: 13, hidden: [21, 30], rounds: 1, autoregressive: true },
  'reflections of more features than lanes': { dim: 19, hidden: [5], rounds: 1, reflections: 21 },
  'residual autoregressive maps': {
    dim: 5,
    contextDim: 2,
    hidden: [6],
    residualBlocks: 2,
    rounds: 1,
    autoregressive: true,
  },
  'residual autoregressive splines': {
    dim: 9,
    hidden: [14],
    residualBlocks: 1,
    rounds: 1,
    autoregressive: true,
    spline: { bins: 3, bound: 3 },
  },
  'autoregressive splines': {
    dim: 5,
    contextDim: 2,
    hidden: [9, 7],
    rounds: 1,
    autoregressive: true,
    spline: { bins: 4, bound: 3 },
  },
  'elementwise maps': { dim: 5, rounds: 1, elementwise: true },
  'elementwise maps of one feature': { dim: 1, contextDim: 2, rounds: 1, elementwise: true },
  'splines, context': { dim: 5, contextDim: 3, spline: { bins: 8, bound: 3 } },
  'splines of one feature': { dim: 1, contextDim: 2, hidden: [8], spline: { bins: 5, bound: 2 } },
  'splines without an input': { dim: 1, hidden: [], spline: { bins: 2, bound: 1 } },
  'splines of many bins': { dim: 3, hidden: [9], rounds: 1, spline: { bins: 64, bound: 6 } },
  'splines of more features than lanes': {
    dim: 37,
    hidden: [20],
    rounds: 1,
    spline: { bins: 3, bound: 4 },
  },
};
// One row, part of a group, whole tiles and tiles with a rest.
const rowCounts = [1, 2, 17, 64, 131];

for (const [name, shape] of Object.entries(shapes)) {
  // Knots are rounded to floats of the size of the bound, and more of them lie closer together.
  const tolerance = 1e-5 * (shape.spline?.bins ?? 1);
  nativeTest(`forward and logProb are the formulas: ${name}`, (t, addon) => {
    const spec = flowOf(shape);
    const plan = new addon.FlowPlan(spec);
    t.deepEqual(
      [plan.dim, plan.contextDim, plan.parameterCount],
      [spec.dim, spec.contextDim, spec.parameterCount],
    );
    for (const rows of rowCounts) {
      const { parameters, x, context } = feed(spec, rows);
      const double = Float64Array.from(parameters);
      const expected = Array.from({ length: rows }, (_, r) =>
        referenceForward(spec, double, row(x, spec.dim, r), row(context, spec.contextDim, r)),
      );
      const logProbs = Array.from({ length: rows }, (_, r) =>
        referenceLogProb(spec, double, row(x, spec.dim, r), row(context, spec.contextDim, r)),
      );
      onEveryLevel(addon, (level) => {
        const [z, logDet, out] = [new Float32Array(x.length), new Float32Array(rows), new Float32Array(rows)];
        plan.forward(parameters, x, context, z, logDet);
        plan.logProb(parameters, x, context, out);
        t.true(
          distance(
            z,
            expected.flatMap(({ values }) => values),
          ) < 2e-4,
          `z on ${level}, ${rows} rows`,
        );
        t.true(
          distance(
            logDet,
            expected.map((e) => e.logDet),
          ) < tolerance,
          `logDet on ${level}, ${rows} rows`,
        );
        t.true(distance(out, logProbs) < 1e-4, `logProb on ${level}, ${rows} rows`);
      });
    }
  });

  nativeTest(`inverse undoes forward: ${name}`, (t, addon) => {
    const spec = flowOf(shape);
    const plan = new addon.FlowPlan(spec);
    const rows = 131;
    const { parameters, x, context } = feed(spec, rows, 0.2);
    onEveryLevel(addon, (level) => {
      const [z, back] = [new Float32Array(x.length), new Float32Array(x.length)];
      const [logDet, backLogDet] = [new Float32Array(rows), new Float32Array(rows)];
      plan.forward(parameters, x, context, z, logDet);
      plan.inverse(parameters, z, context, back, backLogDet);
      t.true(distance(back, x) < 5e-4, `x on ${level}: ${distance(back, x)}`);
      t.true(
        distance(
          backLogDet,
          logDet.map((value) => -value),
        ) < 1e-4,
        `logDet on ${level}`,
      );
    });
  });
}

nativeTest('no rows are no work', (t, addon) => {
  const spec = flowOf({ dim: 3 });
  const plan = new addon.FlowPlan(spec);
  const parameters = normals('parameters', spec.parameterCount);
  const none = new Float32Array(0);
  const gradient = new Float32Array(spec.parameterCount).fill(5);
  plan.logProb(parameters, none, null, new Float32Array(0));
  plan.forward(parameters, none, null, new Float32Array(0), new Float32Array(0));
  plan.inverse(parameters, none, null, new Float32Array(0), new Float32Array(0));
  t.is(plan.valueAndGrad(parameters, none, null, null, gradient), Number.NaN);
  t.true(gradient.every((g) => g === 0));
});

nativeTest('a flow without layers is the base law', (t, addon) => {
  const plan = new addon.FlowPlan({ dim: 2, contextDim: 0, parameterCount: 0, layers: [] });
  const out = new Float32Array(2);
  plan.logProb(new Float32Array(0), Float32Array.of(0, 0, 3, -4), null, out);
  t.true(distance(out, [-Math.log(2 * Math.PI), -Math.log(2 * Math.PI) - 12.5]) < 1e-6);
});

nativeTest('NaN in a row makes that row NaN and leaves the others as they are', (t, addon) => {
  const spec = flowOf({ dim: 5, contextDim: 2, activation: 'relu', autoregressive: true });
  const plan = new addon.FlowPlan(spec);
  const rows = 100;
  const { parameters, x, context } = feed(spec, rows);
  onEveryLevel(addon, () => {
    const [clean, out] = [new Float32Array(rows), new Float32Array(rows)];
    plan.logProb(parameters, x, context, clean);
    const spoilt = Float32Array.from(x);
    spoilt[3 * 5 + 1] = Number.NaN;
    spoilt[99 * 5] = Number.NaN;
    plan.logProb(parameters, spoilt, context, out);
    for (let r = 0; r < rows; r++) {
      t.is(out[r], r === 3 || r === 99 ? Number.NaN : clean[r]);
    }
  });
});

nativeTest('rows far out stay finite, and their gradients too', (t, addon) => {
  for (const activation of ['relu', 'tanh', 'silu', 'gelu'] as const) {
    const spec = flowOf({ dim: 4, activation });
    const plan = new addon.FlowPlan(spec);
    const parameters = normals('parameters', spec.parameterCount, 0.1);
    const x = normals('far', 70 * 4).map((value) => (value < 0 ? -1e4 : 1e4));
    onEveryLevel(addon, (level) => {
      const out = new Float32Array(70);
      const gradient = new Float32Array(spec.parameterCount);
      plan.logProb(parameters, x, null, out);
      t.true(out.every(Number.isFinite), `${activation} on ${level}`);
      t.true(Number.isFinite(plan.valueAndGrad(parameters, x, null, null, gradient)));
      t.true(gradient.every(Number.isFinite), `gradient of ${activation} on ${level}`);
    });
  }
});
