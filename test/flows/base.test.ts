import test from 'ava';
import '../../src/backend/index.js';
import { moons } from '../../src/data/toyLaws.js';
import type { BaseDistribution } from '../../src/distributions/base.js';
import { ConditionalGaussian } from '../../src/distributions/conditionalGaussian.js';
import { DiagonalGaussian } from '../../src/distributions/diagonalGaussian.js';
import { GaussianMixture } from '../../src/distributions/gaussianMixture.js';
import { baseRegistry } from '../../src/distributions/registry.js';
import { StandardNormal } from '../../src/distributions/standardNormal.js';
import { VonMises } from '../../src/distributions/vonMises.js';
import { PushforwardError } from '../../src/errors.js';
import { ActNorm } from '../../src/flows/actNorm.js';
import { AffineCoupling } from '../../src/flows/affineCoupling.js';
import { Flow } from '../../src/flows/flow.js';
import { Permutation } from '../../src/flows/permutation.js';
import { realNvp } from '../../src/flows/presets/realNvp.js';
import { Random } from '../../src/random.js';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { flowTrainer } from '../../src/train/flowTrainer.js';
import { addonOrSkip, difference, leavesNoTensors, normals, rowsFor } from './laws.js';

/** A flow on this base, moved some way from where it starts; the addon is left out on demand. */
function flowOn(base: BaseDistribution, reference: boolean): Flow {
  const { dim, contextDim } = base;
  const identity = Array.from({ length: dim - 1 }, (_, i) => i);
  const coupling = { dim, contextDim, identity, transformed: [dim - 1], hidden: [7] } as const;
  const bijections = [
    new ActNorm(dim),
    new AffineCoupling({ ...coupling, activation: 'tanh' }),
    Permutation.reverse(dim),
  ];
  const flow = new Flow({ dim, contextDim, bijections, base, reference });
  const moves = normals(flow.parameters.count, 60, 0.2);
  flow.parameters.assign(flow.parameters.values().map((value, i) => value + (moves[i] as number)));
  return flow;
}

/** Rows that the flow itself draws, where every base has a density, and their context. */
function ownRows(flow: Flow, n: number): { rows: Tensor2D; context: Tensor2D | undefined } {
  const { context } = rowsFor(flow, n);
  return { rows: flow.sample(n, { seed: 5, ...(context === undefined ? {} : { context }) }), context };
}

for (const { name, build } of baseRegistry) {
  test.serial(`on ${name}: a fused flow has its definition's density and gradients`, (t) => {
    if (addonOrSkip(t) === null) return;
    const [flow, reference] = [flowOn(build(), false), flowOn(build(), true)];
    leavesNoTensors(t, () => {
      const { rows, context } = ownRows(reference, 20);
      t.true(difference(flow.logProb(rows, context), reference.logProb(rows, context)) < 1e-4);
      const gradients = [flow, reference].map((one) => {
        const weights = tf.tensor1d(normals(20, 61));
        const loss = (input: Tensor) =>
          tf.sum<tf.Scalar>(tf.mul(one.logProb(input as Tensor2D, context), weights));
        const { grads } = tf.variableGrads(() => loss(rows), [one.parameters.variable]);
        return [tf.grad(loss)(rows), grads[one.parameters.variable.name] as Tensor];
      });
      gradients[0]?.forEach((gradient, i) => {
        t.true(difference(gradient, gradients[1]?.[i] as Tensor) < 2e-4, `gradient ${i}`);
      });
      const options = { seed: 2, ...(context === undefined ? {} : { context }) };
      t.true(difference(flow.sample(20, options), reference.sample(20, options)) < 1e-4);
    });
    for (const one of [flow, reference]) one.dispose();
  });

  test.serial(`on ${name}: the likelihood's gradient is the tape's, with the addon and without`, (t) => {
    leavesNoTensors(t, () => {
      for (const reference of [false, true]) {
        const flow = flowOn(build(), reference);
        const { rows, context } = ownRows(flow, 9);
        const host = context?.dataSync<'float32'>() ?? null;
        const weights = Float32Array.from({ length: 9 }, (_, i) => i + 1);
        const gradient = new Float32Array(flow.parameters.count);
        const value = flow.negativeLogLikelihoodAndGradient(
          rows.dataSync<'float32'>(),
          host,
          gradient,
          weights,
        );
        const shares = tf.tensor1d(weights.map((weight) => weight / 45));
        const loss = () => tf.neg(tf.sum<tf.Scalar>(tf.mul(shares, flow.definition.logProb(rows, context))));
        const { value: expected, grads } = tf.variableGrads(loss, [flow.parameters.variable]);
        t.true(difference(Float32Array.of(value), expected) < 1e-5);
        t.true(difference(gradient, grads[flow.parameters.variable.name] as Tensor) < 2e-4);
        flow.dispose();
      }
    });
  });
}

test.serial('the density is the base’s at the latent, times the Jacobian’s determinant', (t) => {
  const base = new DiagonalGaussian(2);
  const flow = flowOn(base, true);
  leavesNoTensors(t, () => {
    const { x } = rowsFor(flow, 6);
    const { z, logDet } = flow.forward(x);
    const values = flow.parameters.values();
    const [mean, logScale] = flow.parameters.layout
      .slice(-2)
      .map(({ offset }) => tf.tensor1d(values.slice(offset, offset + 2))) as [Tensor, Tensor];
    t.deepEqual(
      flow.parameters.layout.slice(-2).map(({ name }) => name),
      ['base.mean', 'base.logScale'],
    );
    const whitened = tf.div(tf.sub(z, mean), tf.exp(logScale)) as Tensor2D;
    const expected = tf.add(tf.sub(new StandardNormal(2).logProb(whitened), tf.sum(logScale)), logDet);
    t.true(difference(flow.logProb(x), expected) < 1e-5);
    const draws = flow.sample(5, { seed: 8, temperature: 0.7 });
    const noise = new StandardNormal(2).sample(5, { seed: 8, temperature: 0.7 });
    const latent = tf.add(tf.mul(noise, tf.exp(logScale)), mean) as Tensor2D;
    t.true(difference(draws, flow.inverse(latent).x) < 1e-5);
  });
  flow.dispose();
});

test.serial('the context may go to the base alone, and has to go somewhere', (t) => {
  const base = new ConditionalGaussian({ dim: 2, contextDim: 3 });
  const flow = new Flow({ dim: 2, contextDim: 3, bijections: [new ActNorm(2)], base });
  flow.parameters.assign(normals(flow.parameters.count, 62, 0.3));
  leavesNoTensors(t, () => {
    const { x, context } = rowsFor(flow, 4);
    const conditions = context as Tensor2D;
    t.true(difference(flow.logProb(x, tf.neg(conditions)), flow.logProb(x, conditions)) > 1e-2);
    t.true(
      difference(flow.sample(4, { context: tf.neg(conditions) }), flow.sample(4, { context: conditions })) >
        1e-2,
    );
    for (const bad of [
      () => flow.sample(5, { context: conditions }),
      () => flow.sample(5),
      () => flow.sample(4, { context: tf.zeros([4, 2]) }),
      () => flow.sample(4, { context: tf.zeros([4, 3], 'int32') }),
    ]) {
      t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'shape');
    }
  });
  flow.dispose();
  const bijections = [new ActNorm(2)];
  for (const bad of [
    () => new Flow({ dim: 2, bijections, base: new VonMises(3) }),
    () => new Flow({ dim: 2, bijections, base }),
    () => new Flow({ dim: 2, contextDim: 2, bijections, base }),
    () => new Flow({ dim: 2, contextDim: 2, bijections, base: new VonMises(2) }),
  ]) {
    t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'usage');
  }
});

test.serial('a batch of any size is that of its rows', (t) => {
  if (addonOrSkip(t) === null) return;
  const flow = flowOn(new ConditionalGaussian({ dim: 2, contextDim: 3, hidden: [4] }), false);
  leavesNoTensors(t, () => {
    const { x, context } = rowsFor(flow, 40000);
    const all = flow.logProb(x, context);
    t.deepEqual(all.shape, [40000]);
    for (const start of [0, 16380, 39990]) {
      const rows = tf.slice(x, [start, 0], [10, 2]);
      const expected = flow.logProb(rows, tf.slice(context as Tensor2D, [start, 0], [10, 3]));
      t.true(difference(tf.slice(all, start, 10), expected) < 1e-6, `from row ${start}`);
    }
  });
  flow.dispose();
});

test.serial('two moons are fitted better from a mixture than from one normal, by the same steps', (t) => {
  if (addonOrSkip(t) === null) return;
  const centred = (value: number, i: number) => 1.5 * (value - (i % 2 === 0 ? 0.5 : 0.25));
  const x = moons(0.07).draw(256, new Random(63)).map(centred);
  const fitted = [undefined, new GaussianMixture({ dim: 2, components: 4 })].map((base) => {
    const flow = realNvp({ dim: 2, layers: 2, hidden: [16], ...(base === undefined ? {} : { base }) });
    const update = flowTrainer(flow, flow.parameters.values(), 10);
    let loss = 0;
    // The rate falls to 0, so that the last step is none of those that overshoot.
    for (let step = 1; step <= 300; step++) loss = update(x, null, 0.01 * (1 - step / 300));
    flow.dispose();
    return loss;
  }) as [number, number];
  t.log(`nats: ${fitted[0].toFixed(3)} from N(0, I), ${fitted[1].toFixed(3)} from a mixture of 4`);
  t.true(fitted[1] < fitted[0] - 0.1);
});
