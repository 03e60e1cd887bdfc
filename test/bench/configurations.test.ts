import test from 'ava';
import { readConfigurations } from '../../bench/configurations.js';
import { flowOf, multiplyAdds } from '../../bench/flows.js';
import { Flow, LuLinear, MaskedAutoregressive, tf } from '../../src/index.js';
import { Random, streamOf } from '../../src/random.js';

test('the file holds configurations, each with a flow of its dimensions', (t) => {
  const configurations = readConfigurations();
  t.true(configurations.length > 0);
  for (const configuration of configurations) {
    const flow = flowOf(configuration);
    t.deepEqual([flow.dim, flow.contextDim], [configuration.dim, configuration.contextDim]);
    flow.dispose();
  }
});

test('a wrong field is named with its configuration', (t) => {
  const [right] = readConfigurations();
  const wrong: [string, unknown][] = [
    ['name', ''],
    ['flow', 'planar'],
    ['dim', 1],
    ['contextDim', -1],
    ['layers', 0.5],
    ['hidden', []],
    ['residualBlocks', '2'],
    ['networks', 'both'],
    ['batches', [0]],
  ];
  for (const [field, value] of wrong) {
    const text = JSON.stringify([{ ...right, [field]: value }]);
    t.throws(() => readConfigurations(text), { message: new RegExp(`: ${field} is `) });
  }
  t.throws(() => readConfigurations('{}'), { message: /array/ });
  t.throws(() => readConfigurations(JSON.stringify([right, right])), { message: /twice/ });
});

test('multiply-adds are the weights that move the density of a row', (t) => {
  const contextDim = 2;
  const dim = 4;
  const options = { dim, contextDim, hidden: [13, 9], activation: 'tanh' as const };
  const flow = new Flow({
    dim,
    contextDim,
    bijections: [new LuLinear(dim), new MaskedAutoregressive({ ...options, order: [2, 0, 3, 1] })],
  });
  const random = new Random(3, streamOf('test'));
  const normal = (length: number) => {
    const values = new Float32Array(length);
    random.normal(values);
    return values;
  };
  flow.parameters.assign(normal(flow.parameters.count).map((value) => 0.5 * value));
  const gradient = new Float32Array(flow.parameters.count);
  flow.negativeLogLikelihoodAndGradient(normal(64 * dim), normal(64 * contextDim), gradient);
  let weights = 0;
  for (const { shape, offset } of flow.parameters.layout) {
    if (shape.length < 2) continue;
    weights += gradient
      .slice(offset, offset + tf.util.sizeFromShape([...shape]))
      .filter((g) => g !== 0).length;
  }
  const spec = flow.spec();
  t.not(spec, null);
  if (spec !== null) t.is(multiplyAdds(spec), weights);
  flow.dispose();
});
