import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { ActNorm } from '../../src/flows/actNorm.js';
import { AffineCoupling } from '../../src/flows/affineCoupling.js';
import { Flow } from '../../src/flows/flow.js';
import { LuLinear } from '../../src/flows/luLinear.js';
import { Permutation } from '../../src/flows/permutation.js';
import { realNvp } from '../../src/flows/presets/realNvp.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { difference, leavesNoTensors, normalMatrix, normals, rowsFor } from './laws.js';

/** A Real NVP with weights far from those it starts with. */
function conditionalFlow(dim: number, contextDim: number): Flow {
  const flow = realNvp({ dim, contextDim, layers: 3, hidden: [10, 9], reference: true });
  flow.parameters.assign(normals(flow.parameters.count, 80, 0.3));
  return flow;
}

for (const [dim, contextDim] of [
  [1, 0],
  [1, 3],
  [2, 0],
  [5, 2],
] as const) {
  test(`Real NVP in ${dim} dimensions with context of ${contextDim} starts as the identity`, (t) => {
    const flow = realNvp({ dim, contextDim, reference: true });
    leavesNoTensors(t, () => {
      const { x, context } = rowsFor(flow, 6);
      const { z, logDet } = flow.forward(x, context);
      t.true(difference(z, x) < 1e-6 && difference(logDet, tf.zeros([6])) < 1e-6);
    });
    flow.dispose();
  });

  test(`Real NVP in ${dim} dimensions with context of ${contextDim} inverts, and has the density of its map`, (t) => {
    const flow = conditionalFlow(dim, contextDim);
    leavesNoTensors(t, () => {
      const { x, context } = rowsFor(flow, 6);
      const { z, logDet } = flow.forward(x, context);
      const back = flow.inverse(z, context);
      t.true(difference(back.x, x) < 1e-4 && difference(back.logDet, tf.neg(logDet)) < 1e-4);
      const logProb = tf.add(flow.base.logProb(z, []), logDet);
      t.deepEqual(flow.logProb(x, context).dataSync(), logProb.dataSync());
      if (context !== undefined) {
        const other = flow.logProb(x, tf.neg(context));
        t.true(difference(other, logProb) > 1e-2, 'the context matters');
      }
    });
    flow.dispose();
  });
}

test('couplings of Real NVP transform every dimension in turn', (t) => {
  const flow = realNvp({ dim: 5, layers: 2 });
  const transformed = flow
    .spec()
    .layers.flatMap((layer) => (layer.kind === 'affineCoupling' ? layer.transformed : []));
  t.deepEqual(
    transformed.toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4],
  );
  flow.dispose();
});

test('samples have the density: their mean of log p is its integral', (t) => {
  const flow = conditionalFlow(2, 0);
  leavesNoTensors(t, () => {
    // In latent coordinates −E log p = entropy of N(0, I) + E log|det dx/dz|, which quadrature gives.
    const cells = 120;
    const bound = 5;
    const side = Array.from({ length: cells }, (_, k) => -bound + ((k + 0.5) * 2 * bound) / cells);
    const z = tf.tensor2d(side.flatMap((a) => side.map((b) => [a, b])));
    const weights = tf.exp(flow.base.logProb(z, []));
    const volume = tf.sum(tf.mul(weights, flow.inverse(z).logDet)).dataSync()[0] as number;
    const entropy = Math.log(2 * Math.PI) + 1 + volume * ((2 * bound) / cells) ** 2;
    const n = 20000;
    const logProb = flow.logProb(flow.sample(n, { seed: 3 })).dataSync<'float32'>();
    const mean = logProb.reduce((sum, value) => sum + value, 0) / n;
    const deviation = Math.sqrt(logProb.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n);
    t.true(Math.abs(mean + entropy) < (5 * deviation) / Math.sqrt(n), `${mean} and ${-entropy}`);
  });
  flow.dispose();
});

test('samples are a function of seed, context and temperature', (t) => {
  const flow = conditionalFlow(2, 1);
  leavesNoTensors(t, () => {
    const context = normalMatrix(7, 1, 82);
    const draw = flow.sample(7, { seed: 1, context });
    t.deepEqual(draw.shape, [7, 2]);
    t.deepEqual(flow.sample(7, { seed: 1, context }).dataSync(), draw.dataSync());
    t.true(difference(flow.sample(7, { seed: 2, context }), draw) > 1e-2);
    const cold = flow.sample(7, { seed: 1, context, temperature: 0 });
    t.true(difference(cold, flow.inverse(tf.zeros([7, 2]), context).x) === 0);
    t.deepEqual(flow.sample(0, { context: tf.zeros([0, 1]) }).shape, [0, 2]);
  });
  flow.dispose();
});

test('the likelihood’s gradient in one pass is the tape’s, with weights and without', (t) => {
  const flow = conditionalFlow(3, 2);
  const n = 6;
  const [x, context] = [normals(n * 3, 83), normals(n * 2, 84)];
  leavesNoTensors(t, () => {
    for (const weights of [null, Float32Array.from({ length: n }, (_, i) => i / 3)]) {
      const gradient = new Float32Array(flow.parameters.count);
      const value = flow.negativeLogLikelihoodAndGradient(x, context, gradient, weights);
      const total = weights?.reduce((a, b) => a + b, 0) ?? n;
      const shares = tf.tensor1d(weights?.map((w) => w / total) ?? new Float32Array(n).fill(1 / n));
      const rows = tf.tensor2d(x, [n, 3]);
      const conditions = tf.tensor2d(context, [n, 2]);
      const loss = () => tf.neg(tf.sum<tf.Scalar>(tf.mul(shares, flow.logProb(rows, conditions))));
      const { value: expected, grads } = tf.variableGrads(loss, [flow.parameters.variable]);
      t.true(difference(Float32Array.of(value), expected) < 1e-6);
      t.true(difference(gradient, grads[flow.parameters.variable.name] as tf.Tensor) < 1e-5);
    }
    const loss = flow.losses(tf.tensor2d(x, [n, 3]), tf.tensor2d(context, [n, 2]));
    const gradient = new Float32Array(flow.parameters.count);
    const value = flow.negativeLogLikelihoodAndGradient(x, context, gradient);
    t.true(difference(loss.negativeLogLikelihood, Float32Array.of(value)) < 1e-6);
  });
  flow.dispose();
});

test('initialised from rows, every ActNorm gives mean 0 and variance 1', (t) => {
  const flow = conditionalFlow(3, 2);
  leavesNoTensors(t, () => {
    const x = tf.add(tf.mul(normalMatrix(64, 3, 85), [0.01, 5, 300]), [4, -1000, 0]) as Tensor2D;
    const context = normalMatrix(64, 2, 86);
    flow.initialiseFrom(x, context);
    const states = flow.definition.trajectory(x, context);
    flow.bijections.forEach(({ kind }, layer) => {
      if (kind !== 'actNorm') return;
      const { mean, variance } = tf.moments(states[layer + 1] as Tensor2D, 0);
      t.true(difference(mean, tf.zeros([3])) < 1e-3, `mean after layer ${layer}`);
      t.true(difference(variance, tf.ones([3])) < 1e-3, `variance after layer ${layer}`);
    });
  });
  flow.dispose();
});

test('rows that say nothing of a scale leave it, and rows that are not finite are refused', (t) => {
  const flow = new Flow({ dim: 2, bijections: [new ActNorm(2)], reference: true });
  leavesNoTensors(t, () => {
    flow.initialiseFrom(tf.tensor2d([[3, 5]]));
    t.deepEqual([...flow.parameters.values()], [-3, -5, 0, 0]);
    const error = t.throws(() => flow.initialiseFrom(tf.tensor2d([[3, Number.NaN]])), {
      instanceOf: PushforwardError,
    });
    t.is(error.code, 'numeric');
    t.deepEqual([...flow.parameters.values()], [-3, -5, 0, 0]);
    t.throws(() => flow.initialiseFrom(tf.zeros([0, 2])), { instanceOf: PushforwardError });
  });
  flow.dispose();
});

test('names the place where a number stops being finite', (t) => {
  const flow = conditionalFlow(2, 0);
  leavesNoTensors(t, () => {
    const rows = normalMatrix(3, 2, 87);
    t.is(flow.locateNonFinite(rows), null);
    t.is(flow.locateNonFinite(tf.tensor2d([[1, Number.NaN]])), 'the rows that enter the flow');
    const values = flow.parameters.values();
    const scale = flow.parameters.layout.find(({ name }) => name === '3.actNorm.logScale');
    values[scale?.offset as number] = 200;
    flow.parameters.assign(values);
    t.is(flow.locateNonFinite(rows), 'the output of layer 3 (actNorm)');
    values[scale?.offset as number] = Number.NaN;
    flow.parameters.assign(values);
    t.is(flow.locateNonFinite(rows), 'parameter 3.actNorm.logScale');
  });
  flow.dispose();
});

test('the spec names slices that tile the parameters', (t) => {
  const flow = realNvp({ dim: 3, contextDim: 2, layers: 2, hidden: [4] });
  const { dim, contextDim, parameterCount, layers } = JSON.parse(JSON.stringify(flow.spec())) as ReturnType<
    Flow['spec']
  >;
  t.deepEqual([dim, contextDim, parameterCount], [3, 2, flow.parameters.count]);
  t.deepEqual(
    layers.map(({ kind }) => kind),
    flow.bijections.map(({ kind }) => kind),
  );
  let next = 0;
  for (const { shape, offset } of layers.flatMap(({ parameters }) => parameters)) {
    t.is(offset, next);
    next += shape.reduce((product, size) => product * size, 1);
  }
  t.is(next, parameterCount);
  flow.dispose();
});

test('wrong shapes and ill-fitting layers are refused with a sentence', (t) => {
  const flow = realNvp({ dim: 2, contextDim: 1 });
  const plain = realNvp({ dim: 2 });
  const x = tf.zeros<tf.Rank.R2>([3, 2]);
  const gradient = new Float32Array(flow.parameters.count);
  for (const bad of [
    () => flow.logProb(tf.zeros([3, 4]), tf.zeros([3, 1])),
    () => flow.logProb(x),
    () => flow.forward(x, tf.zeros([2, 1])),
    () => flow.inverse(x, tf.zeros([3, 2])),
    () => flow.inverse(x, tf.zeros([3, 1], 'int32')),
    () => plain.logProb(x, tf.zeros([3, 1])),
    () => plain.logProb(tf.zeros([3, 2], 'int32')),
    () => flow.negativeLogLikelihoodAndGradient(new Float32Array(0), new Float32Array(0), gradient),
    () => flow.negativeLogLikelihoodAndGradient(new Float32Array(3), new Float32Array(2), gradient),
    () => flow.negativeLogLikelihoodAndGradient(new Float32Array(4), null, gradient),
    () => flow.negativeLogLikelihoodAndGradient(new Float32Array(4), new Float32Array(3), gradient),
    () =>
      flow.negativeLogLikelihoodAndGradient(new Float32Array(4), new Float32Array(2), new Float32Array(1)),
    () =>
      flow.negativeLogLikelihoodAndGradient(
        new Float32Array(4),
        new Float32Array(2),
        gradient,
        new Float32Array(1),
      ),
  ]) {
    t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'shape');
  }
  const coupling = { dim: 2, hidden: [3], activation: 'relu' } as const;
  for (const bad of [
    () => new Flow({ dim: 2, bijections: [] }),
    () => new Flow({ dim: 2, bijections: [new ActNorm(3)] }),
    () => new Flow({ dim: 2, contextDim: 1, bijections: [new LuLinear(2)] }),
    () => new Permutation([0, 2]),
    () => new Permutation([1, 1]),
    () => new AffineCoupling({ ...coupling, identity: [0], transformed: [0] }),
    () => new AffineCoupling({ ...coupling, identity: [0, 1], transformed: [] }),
    () => new AffineCoupling({ ...coupling, identity: [0], transformed: [1], logScaleBound: 0 }),
  ]) {
    t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'usage');
  }
  x.dispose();
  flow.dispose();
  plain.dispose();
});
