import type { AutoregressiveSpec, FlowSpec } from '../../src/native/spec.js';
import { feed, flowOf, normals } from './flows.js';
import { nativeTest, onEveryLevel } from './support.js';

const whole = flowOf({ dim: 6, contextDim: 2, hidden: [26, 19], autoregressive: true, rounds: 1 });

/** A flow of the last two layers alone, which are autoregressive maps. */
const spec: FlowSpec = { ...whole, layers: whole.layers.slice(-2) };

/** Where in the flat parameters there are weights, of those with an effect and of those without. */
function weights(): { seen: number[]; masked: number[] } {
  const seen: number[] = [];
  const masked: number[] = [];
  for (const layer of spec.layers as AutoregressiveSpec[]) {
    const variables = Array.from({ length: spec.dim }, (_, k) => k);
    const inputs = [...new Array<number>(spec.contextDim).fill(0), ...variables.map((k) => k + 1)];
    const degrees = [inputs, ...layer.degrees, variables.flatMap((k) => [k, k])];
    for (const { name, shape, offset } of layer.parameters) {
      if (!name.startsWith('weight')) continue;
      const layerIndex = Number(name.slice('weight'.length));
      const [rows = [], columns = []] = degrees.slice(layerIndex, layerIndex + 2);
      rows.forEach((from, i) => {
        columns.forEach((to, j) => {
          (from <= to ? seen : masked).push(offset + i * (shape[1] as number) + j);
        });
      });
    }
  }
  return { seen, masked };
}

nativeTest('gradients of weights behind the mask are exactly 0, of the others not', (t, addon) => {
  const fed = feed(spec, 70);
  const plan = new addon.FlowPlan(spec);
  const { seen, masked } = weights();
  t.true(masked.length > 300);
  onEveryLevel(addon, (level) => {
    const gradient = new Float32Array(spec.parameterCount).fill(9);
    plan.valueAndGrad(fed.parameters, fed.x, fed.context, null, gradient);
    t.true(
      masked.every((at) => gradient[at] === 0),
      level,
    );
    t.true(
      seen.every((at) => gradient[at] !== 0),
      level,
    );
  });
});

nativeTest('weights behind the mask have no effect, whatever they are', (t, addon) => {
  const fed = feed(spec, 70);
  const plan = new addon.FlowPlan(spec);
  const spoilt = fed.parameters.slice();
  for (const at of weights().masked) spoilt[at] = Number.NaN;
  onEveryLevel(addon, (level) => {
    const [clean, other] = [fed.parameters, spoilt].map((parameters) => {
      const [z, logDet] = [new Float32Array(fed.x.length), new Float32Array(fed.rows)];
      const [x, inverseLogDet] = [new Float32Array(fed.x.length), new Float32Array(fed.rows)];
      const gradient = new Float32Array(spec.parameterCount);
      plan.forward(parameters, fed.x, fed.context, z, logDet);
      plan.inverse(parameters, fed.x, fed.context, x, inverseLogDet);
      plan.valueAndGrad(parameters, fed.x, fed.context, null, gradient);
      return [z, logDet, x, inverseLogDet, gradient];
    });
    t.deepEqual(other, clean, level);
  });
});

nativeTest('NaN in a row stays in its row of samples, and of gradients of rows and context', (t, addon) => {
  const fed = feed(spec, 40);
  const plan = new addon.FlowPlan(spec);
  const results = (x: Float32Array) => {
    const make = (length: number) => new Float32Array(length);
    const [data, logDet] = [make(x.length), make(fed.rows)];
    plan.inverse(fed.parameters, x, fed.context, data, logDet);
    const [gx, gContext] = [make(x.length), make(2 * fed.rows)];
    const [gz, gLogDet] = [normals('gz', x.length), normals('gLogDet', fed.rows)];
    plan.vectorJacobian(fed.parameters, x, fed.context, gz, gLogDet, gx, gContext, make(spec.parameterCount));
    return { data: [data, 6], logDet: [logDet, 1], gx: [gx, 6], gContext: [gContext, 2] } as const;
  };
  const clean = results(fed.x);
  const spoilt = fed.x.slice();
  spoilt[7 * 6 + 2] = Number.NaN;
  for (const [name, [values, width]] of Object.entries(results(spoilt))) {
    const [expected] = clean[name as keyof typeof clean];
    values.forEach((value, i) => {
      if (Math.floor(i / width) !== 7) t.is(value, expected[i] as number, name);
    });
    t.true(values.subarray(7 * width, 8 * width).some(Number.isNaN), name);
  }
});
