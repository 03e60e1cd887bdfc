import { distance, feed, flowOf, normals, row } from './flows.js';
import { referenceForward, referenceLogProb } from './reference.js';
import { shapes, wideShapes } from './shapes.js';
import { nativeTest, onEveryLevel } from './support.js';

// One row, part of a group, whole tiles and tiles with a rest.
const rowCounts = [1, 2, 17, 64, 131];

for (const [name, shape] of Object.entries({ ...shapes, ...wideShapes })) {
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
