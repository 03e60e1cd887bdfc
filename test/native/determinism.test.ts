import type { NativeAddon } from '../../src/native/index.js';
import { distance, type Fed, feed, flowOf, normals } from './flows.js';
import { nativeTest, onEveryLevel } from './support.js';

/** Every number that the plan makes of one batch, in one array. */
function everything(addon: NativeAddon, fed: Fed): Float32Array {
  const { spec, rows, parameters, x, context } = fed;
  const plan = new addon.FlowPlan(spec);
  const make = (length: number) => new Float32Array(length);
  const [logProb, z, logDet, back, backLogDet] = [
    make(rows),
    make(x.length),
    make(rows),
    make(x.length),
    make(rows),
  ];
  plan.logProb(parameters, x, context, logProb);
  plan.forward(parameters, x, context, z, logDet);
  plan.inverse(parameters, x, context, back, backLogDet);
  const [gx, gContext, gParameters] = [make(x.length), make(context?.length ?? 0), make(spec.parameterCount)];
  plan.vectorJacobian(
    parameters,
    x,
    context,
    normals('gz', x.length),
    logDet,
    gx,
    context && gContext,
    gParameters,
  );
  const gradient = make(spec.parameterCount);
  const value = plan.valueAndGrad(parameters, x, context, null, gradient);
  const parts = [logProb, z, logDet, back, backLogDet, gx, gContext, gParameters, gradient, [value]];
  const joined = make(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    joined.set(part, end);
    end += part.length;
  }
  return joined;
}

const batches = [1, 40, 128, 1000, 4500];
const shape = { dim: 6, contextDim: 2, hidden: [40, 24], activation: 'silu' } as const;
const specs = {
  affine: flowOf(shape),
  spline: flowOf({ ...shape, spline: { bins: 8, bound: 3 } }),
  'autoregressive spline': flowOf({
    ...shape,
    rounds: 1,
    autoregressive: true,
    spline: { bins: 8, bound: 3 },
  }),
  'residual autoregressive': flowOf({ ...shape, rounds: 1, autoregressive: true, residualBlocks: 1 }),
  autoregressive: flowOf({ ...shape, rounds: 1, autoregressive: true }),
};

for (const [name, spec] of Object.entries(specs))
  nativeTest(`${name}: the same bits on 1, 2 and 3 threads, on every path`, (t, addon) => {
    for (const rows of batches) {
      const fed = feed(spec, rows, 0.2);
      onEveryLevel(addon, (level) => {
        addon.setThreads(1);
        const alone = everything(addon, fed);
        for (const threads of [2, 3]) {
          addon.setThreads(threads);
          t.is(addon.threads(), threads);
          const shared = everything(addon, fed);
          t.true(
            Buffer.from(shared.buffer).equals(Buffer.from(alone.buffer)),
            `${rows} rows, ${threads} threads, ${level}`,
          );
        }
      });
    }
  });

for (const [name, spec] of Object.entries(specs))
  nativeTest(`${name}: the paths agree to rounding`, (t, addon) => {
    t.true(addon.simdLevels().includes('portable'));
    t.deepEqual([addon.simdLevel()], addon.simdLevels().slice(0, 1));
    const fed = feed(spec, 300, 0.2);
    addon.setSimdLevel('portable');
    const portable = everything(addon, fed);
    onEveryLevel(addon, (level) => {
      t.is(addon.simdLevel(), level);
      const apart = distance(everything(addon, fed), portable);
      t.true(apart < 1e-3, `${level}: ${apart}`);
    });
  });

nativeTest('bad levels and thread counts are refused', (t, addon) => {
  for (const level of ['avx1024', '', 3, undefined]) {
    t.throws(() => addon.setSimdLevel(level as 'avx2'), { instanceOf: TypeError, message: /level/ });
  }
  for (const count of [0, -1, 1.5, Number.NaN, 1e9, '2', undefined]) {
    t.throws(() => addon.setThreads(count as number), { instanceOf: TypeError, message: /count/ });
  }
});
