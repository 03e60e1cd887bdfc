import test from 'ava';
import type { BaseDistribution } from '../../src/distributions/base.js';
import { ConditionalGaussian } from '../../src/distributions/conditionalGaussian.js';
import { DiagonalGaussian } from '../../src/distributions/diagonalGaussian.js';
import { FullGaussian } from '../../src/distributions/fullGaussian.js';
import { GaussianMixture } from '../../src/distributions/gaussianMixture.js';
import { ProductDistribution } from '../../src/distributions/productDistribution.js';
import { StandardNormal } from '../../src/distributions/standardNormal.js';
import { StudentT } from '../../src/distributions/studentT.js';
import { Uniform } from '../../src/distributions/uniform.js';
import { VonMises } from '../../src/distributions/vonMises.js';
import { PushforwardError } from '../../src/errors.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../src/tf.js';
import { difference, leavesNoTensors, normalMatrix, normals } from '../flows/laws.js';
import { parametersOf } from './laws.js';

/** The parameters that a law starts with. */
function firstParameters(law: BaseDistribution): Tensor[] {
  return law.parameters.map(({ shape, initialise }) => {
    const values = new Float32Array(tf.util.sizeFromShape([...shape]));
    initialise(values, (out) => out.set(normals(out.length, 50)));
    return tf.tensor(values, [...shape]);
  });
}

const z = () => normalMatrix(9, 3, 51, 2);

test('Gaussian laws start as N(0, I), a conditional one for every context', (t) => {
  leavesNoTensors(t, () => {
    const expected = new StandardNormal(3).logProb(z());
    const context = normalMatrix(9, 4, 52);
    const laws = [
      new DiagonalGaussian(3),
      new FullGaussian(3),
      new ConditionalGaussian({ dim: 3, contextDim: 4 }),
    ];
    for (const law of laws) {
      t.true(difference(law.logProb(z(), firstParameters(law), context), expected) < 1e-6, law.kind);
    }
  });
});

test('a full Gaussian with a diagonal factor is the diagonal one of the inverse scales', (t) => {
  leavesNoTensors(t, () => {
    const [mean, logScale] = parametersOf(new DiagonalGaussian(3)) as [Tensor1D, Tensor1D];
    const factor = tf.mul(tf.eye(3), tf.neg(logScale));
    const found = new FullGaussian(3).logProb(z(), [mean, factor]);
    t.true(difference(found, new DiagonalGaussian(3).logProb(z(), [mean, logScale])) < 1e-6);
  });
});

test('the factor of a full Gaussian takes its draws back to the noise, and what stands above is not read', (t) => {
  const law = new FullGaussian(6);
  leavesNoTensors(t, () => {
    const [mean, factor] = parametersOf(law) as [Tensor1D, Tensor2D];
    const noise = normalMatrix(5, 6, 53);
    const draws = law.fromNormal(noise, [mean, factor]);
    const rows = factor
      .arraySync()
      .map((row, i) => row.map((value, j) => (i === j ? Math.exp(value) : i > j ? value : 0)));
    const whitened = tf.matMul(tf.sub<Tensor2D>(draws, mean), tf.tensor2d(rows), false, true);
    t.true(difference(whitened, noise) < 1e-5);
    const above = tf.tensor2d(rows.map((row, i) => row.map((_, j) => (j > i ? 300 : 0))));
    const other = law.logProb(draws, [mean, tf.add(factor, above)]);
    t.true(difference(other, law.logProb(draws, [mean, factor])) === 0);
  });
});

test('a mixture of equal components is the component, and of one weight the one that has it', (t) => {
  const law = new GaussianMixture({ dim: 3, components: 4 });
  leavesNoTensors(t, () => {
    const [logits, means, logScales] = parametersOf(law) as [Tensor1D, Tensor2D, Tensor2D];
    const [mean, logScale] = [means, logScales].map((tensor) => tf.split(tensor, 4, 0)[1] as Tensor2D) as [
      Tensor2D,
      Tensor2D,
    ];
    const expected = new DiagonalGaussian(3).logProb(z(), [tf.reshape(mean, [3]), tf.reshape(logScale, [3])]);
    const alike = [logits, tf.tile(mean, [4, 1]), tf.tile(logScale, [4, 1])];
    t.true(difference(law.logProb(z(), alike), expected) < 1e-5);
    const one = [tf.tensor1d([0, 90, 0, 0]), means, logScales];
    t.true(difference(law.logProb(z(), one), expected) < 1e-5);
    const draws = law.sample(60, { parameters: one, temperature: 0 });
    t.true(difference(draws, tf.tile(mean, [60, 1])) < 1e-6);
  });
});

test('the multiplied-out squares of a mixture keep what doubles give, far from 0 too', (t) => {
  const law = new GaussianMixture({ dim: 2, components: 3 });
  leavesNoTensors(t, () => {
    const logits = [0.3, -1, 0.5];
    const means = [
      [100, -200],
      [101, -199],
      [99, -200.5],
    ];
    const logScales = [
      [-1, 0],
      [0.2, -2],
      [-0.5, -0.5],
    ];
    const rows = [
      [100.2, -200.3],
      [98, -199],
      [130, -210],
    ];
    const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const expected = rows.map((row) => {
      const terms = means.map((mean, k) =>
        row.reduce(
          (sum, value, j) => {
            const s = logScales[k]?.[j] as number;
            return (
              sum - 0.5 * ((value - (mean[j] as number)) / Math.exp(s)) ** 2 - s - 0.5 * Math.log(2 * Math.PI)
            );
          },
          (logits[k] as number) - total,
        ),
      );
      const most = Math.max(...terms);
      return most + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - most), 0));
    });
    const parameters = [tf.tensor1d(logits), tf.tensor2d(means), tf.tensor2d(logScales)];
    t.true(difference(law.logProb(tf.tensor2d(rows), parameters), Float32Array.from(expected)) < 1e-5);
  });
});

test('Student-t: 1 degree is Cauchy’s law, 2 have a closed form, many are the normal law', (t) => {
  leavesNoTensors(t, () => {
    const zeros = [tf.zeros([1]), tf.zeros([1])];
    const points = [-1e4, -20, -1, 0, 0.3, 2, 7];
    const column = tf.tensor2d(points, [points.length, 1]);
    const law = (degreesOfFreedom: number) =>
      new StudentT({ dim: 1, degreesOfFreedom, trainDegreesOfFreedom: false });
    const cauchy = points.map((u) => -Math.log(Math.PI * (1 + u * u)));
    t.true(difference(law(1).logProb(column, zeros), Float32Array.from(cauchy)) < 1e-6);
    const two = points.map((u) => -1.5 * Math.log(1 + (u * u) / 2) - Math.log(2 * Math.SQRT2));
    t.true(difference(law(2).logProb(column, zeros), Float32Array.from(two)) < 1e-6);
    const near = tf.tensor2d(points.slice(1), [points.length - 1, 1]);
    const normal = new StandardNormal(1).logProb(near);
    t.true(difference(law(1e7).logProb(near, zeros), normal) < 1e-4);
    const noise = normalMatrix(50, 2, 54);
    const first = tf.split(noise, 2, 1)[0] as Tensor2D;
    t.true(difference(law(1e7).fromNormal(noise, zeros), first) < 1e-5);
  });
});

test('Student-t starts at the degrees of freedom it is given, trained or not', (t) => {
  leavesNoTensors(t, () => {
    const degreesOfFreedom = [0.7, 4, 60];
    const trained = new StudentT({ dim: 3, degreesOfFreedom });
    const fixed = new StudentT({ dim: 3, degreesOfFreedom, trainDegreesOfFreedom: false });
    const parameters = firstParameters(trained);
    t.deepEqual([trained.parameters.length, fixed.parameters.length], [3, 2]);
    const expected = fixed.logProb(z(), parameters.slice(0, 2));
    t.true(difference(trained.logProb(z(), parameters), expected) < 1e-6);
  });
});

test('von Mises: κ = 0 is uniform, a large κ normal, and log p has period 2π', (t) => {
  leavesNoTensors(t, () => {
    const law = new VonMises(1);
    const angles = tf.tensor2d([-3, -1, 0, 0.002, 2], [5, 1]);
    const flat = law.logProb(angles, [tf.tensor1d([0.4]), tf.tensor1d([-200])]);
    t.true(difference(flat, tf.fill([5], -Math.log(2 * Math.PI))) < 1e-6);
    const narrow = [tf.tensor1d([1]), tf.tensor1d([Math.log(1e6)])];
    const near = tf.tensor2d([0.9985, 1, 1.0004, 1.002], [4, 1]);
    const normal = new DiagonalGaussian(1).logProb(near, [
      tf.tensor1d([1]),
      tf.tensor1d([-0.5 * Math.log(1e6)]),
    ]);
    t.true(difference(law.logProb(near, narrow), normal) < 1e-3);
    const wide = [tf.tensor1d([2.5]), tf.tensor1d([1])];
    const turned = law.logProb(tf.add(angles, 2 * Math.PI), wide);
    t.true(difference(turned, law.logProb(angles, wide)) < 1e-5);
    const draws = law.sample(2000, { parameters: narrow }).dataSync<'float32'>();
    const spread = Math.sqrt(draws.reduce((sum, angle) => sum + (angle - 1) ** 2, 0) / 2000);
    t.true(Math.abs(spread * 1000 - 1) < 0.08, `${spread}`);
    const all = law.sample(2000, { parameters: wide }).dataSync<'float32'>();
    t.true(all.every((angle) => Math.abs(angle) <= Math.fround(Math.PI)));
    t.is(t.throws(() => law.fromNormal(), { instanceOf: PushforwardError }).code, 'unsupported');
  });
});

test('uniform: the border is inside, and no gradient is other than 0', (t) => {
  leavesNoTensors(t, () => {
    const law = new Uniform({ low: [0, -2], high: [0.5, 2] });
    const rows = tf.tensor2d([
      [0, -2],
      [0.5, 2],
      [0.2, 0],
      [0.6, 0],
      [0.2, -2.1],
    ]);
    const inside = Math.fround(-Math.log(2));
    t.deepEqual([...law.logProb(rows).dataSync()], [inside, inside, inside, -Infinity, -Infinity]);
    const gradient = tf.grad((input: Tensor) => tf.sum(law.logProb(input as Tensor2D)))(rows);
    t.true(gradient.dataSync().every((value) => value === 0));
    const extremes = law.fromNormal(tf.tensor2d([[40, -40]]), []);
    t.deepEqual([...extremes.dataSync()], [0.5, -2]);
  });
});

test('a product has the sum of the parts’ log-densities, and parts that draw independently', (t) => {
  leavesNoTensors(t, () => {
    const parts = [new DiagonalGaussian(1), new VonMises(1), new FullGaussian(1)];
    const law = new ProductDistribution(parts);
    t.deepEqual(law.parameters.map(({ name }) => name).slice(0, 3), [
      '0.diagonalGaussian.mean',
      '0.diagonalGaussian.logScale',
      '1.vonMises.mean',
    ]);
    const parameters = parametersOf(law);
    const columns = tf.split(z(), 3, 1) as Tensor2D[];
    const terms = parts.map((part, i) =>
      part.logProb(columns[i] as Tensor2D, parameters.slice(2 * i, 2 * i + 2)),
    );
    t.true(difference(law.logProb(z(), parameters), tf.addN(terms)) < 1e-6);
    const n = 4000;
    const pair = new ProductDistribution([new StandardNormal(1), new StandardNormal(1)]);
    const draws = pair.sample(n, { parameters: [] });
    const correlation = tf.mean(tf.prod(draws, 1)).dataSync()[0] as number;
    t.true(Math.abs(correlation) < 5 / Math.sqrt(n), `${correlation}`);
    const nested = new ProductDistribution([pair, pair]).sample(n, { parameters: [] });
    const [a, , b] = tf.split(nested, 4, 1) as Tensor2D[];
    t.true(
      Math.abs(tf.mean(tf.mul(a as Tensor2D, b as Tensor2D)).dataSync()[0] as number) < 5 / Math.sqrt(n),
    );
    t.is(
      t.throws(() => law.fromNormal(z(), parameters), { instanceOf: PushforwardError }).code,
      'unsupported',
    );
  });
});

test('laws that make no sense are refused with a sentence', (t) => {
  for (const bad of [
    () => new GaussianMixture({ dim: 2, components: 0 }),
    () => new GaussianMixture({ dim: 2, components: 1.5 }),
    () => new StudentT({ dim: 2, degreesOfFreedom: [1] }),
    () => new StudentT({ dim: 1, degreesOfFreedom: 0 }),
    () => new Uniform({ low: [0, 0], high: [1] }),
    () => new Uniform({ low: [0], high: [0] }),
    () => new ConditionalGaussian({ dim: 1, contextDim: 2, logScaleBound: 0 }),
    () => new ProductDistribution([]),
    () =>
      new ProductDistribution([
        new ConditionalGaussian({ dim: 1, contextDim: 2 }),
        new ConditionalGaussian({ dim: 1, contextDim: 3 }),
      ]),
  ]) {
    t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'usage');
  }
});
