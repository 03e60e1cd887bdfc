import test from 'ava';
import '../../../src/backend/index.js';
import { Bernoulli } from '../../../src/distributions/likelihoods/bernoulli.js';
import { CategoricalLikelihood } from '../../../src/distributions/likelihoods/categorical.js';
import { ContinuousBernoulli } from '../../../src/distributions/likelihoods/continuousBernoulli.js';
import { DiscretisedLogistic } from '../../../src/distributions/likelihoods/discretisedLogistic.js';
import { GaussianLikelihood } from '../../../src/distributions/likelihoods/gaussian.js';
import type { Likelihood } from '../../../src/distributions/likelihoods/likelihood.js';
import { ProductLikelihood } from '../../../src/distributions/likelihoods/product.js';
import { type Tensor, tf } from '../../../src/tf.js';
import { difference } from '../../flows/laws.js';

test.before(() => tf.ready());

/** log p of single numbers x under the outputs that go with each. */
function logProbs(
  likelihood: Likelihood,
  x: readonly number[],
  outputs: readonly number[][],
  parameters: readonly Tensor[] = [],
): Float32Array {
  return tf.tidy(() =>
    likelihood
      .logProb(tf.tensor2d([...x], [x.length, 1]), tf.tensor2d(outputs as number[][]), parameters)
      .dataSync<'float32'>()
      .slice(),
  );
}

test('Bernoulli and categorical laws are logarithms of probabilities', (t) => {
  const logits = [-3, -0.2, 0, 4];
  const sigma = logits.map((l) => 1 / (1 + Math.exp(-l)));
  const ones = logProbs(
    new Bernoulli(),
    [1, 1, 1, 1],
    logits.map((l) => [l]),
  );
  t.true(difference(ones, Float32Array.from(sigma, Math.log)) < 1e-6);
  const total = logits.reduce((sum, l) => sum + Math.exp(l), 0);
  const levels = logProbs(new CategoricalLikelihood({ levels: 4 }), [0, 1, 2, 3], new Array(4).fill(logits));
  t.true(
    difference(
      levels,
      Float32Array.from(logits, (l) => l - Math.log(total)),
    ) < 1e-6,
  );
  const none = logProbs(
    new CategoricalLikelihood({ levels: 4 }),
    [-1, 4, 0.5, Number.NaN],
    new Array(4).fill(logits),
  );
  t.deepEqual([...none], new Array(4).fill(-Infinity));
});

test('the continuous Bernoulli law is that of its authors, near 1/2 too', (t) => {
  const logits = [-30, -2, -0.51, -0.49, -1e-3, -1e-6, 0, 1e-5, 0.2, 0.999, 1.001, 5, 80];
  const x = logits.map((_, i) => (i % 5) / 4);
  // C(λ) = 2 artanh(1 − 2λ) / (1 − 2λ), in double precision and by its Taylor series about λ = 1/2.
  const expected = logits.map((l, i) => {
    const h = l / 2;
    const logConstant =
      Math.abs(h) < 1e-2 ? h ** 2 / 3 : Math.log((2 * Math.abs(h)) / Math.tanh(Math.abs(h)));
    const logTwo = Math.abs(h) < 1e-2 ? Math.log(2) : 0;
    return l * (x[i] as number) - Math.log1p(Math.exp(-Math.abs(l))) - Math.max(l, 0) + logConstant + logTwo;
  });
  const found = logProbs(
    new ContinuousBernoulli(),
    x,
    logits.map((l) => [l]),
  );
  t.true(difference(found, Float32Array.from(expected)) < 2e-6);
});

test('the discretised logistic law is a difference of CDFs', (t) => {
  const likelihood = new DiscretisedLogistic({ levels: 11, low: -1, high: 1 });
  const bounded = (raw: number) => 10 * Math.tanh(raw / 10);
  const cases = [-1, -0.8, 0, 0.4, 1].flatMap((x) =>
    [
      [0.3, 0.7],
      [-0.9, -0.4],
      [1.4, 1.2],
    ].map((outputs) => ({ x, outputs })),
  );
  const expected = cases.map(({ x, outputs: [location = 0, raw = 0] }) => {
    const scale = 0.2 * Math.exp(bounded(raw));
    const cdf = (at: number) => 1 / (1 + Math.exp(-(at - location) / scale));
    return Math.log((x === 1 ? 1 : cdf(x + 0.1)) - (x === -1 ? 0 : cdf(x - 0.1)));
  });
  const found = logProbs(
    likelihood,
    cases.map(({ x }) => x),
    cases.map(({ outputs }) => outputs),
  );
  t.true(difference(found, Float32Array.from(expected)) < 1e-5);
});

test('the Gaussian likelihoods are one law in three parametrisations', (t) => {
  const [x, mean, scale] = [1.3, -0.4, 0.6];
  const expected = -0.5 * ((x - mean) / scale) ** 2 - Math.log(scale) - 0.5 * Math.log(2 * Math.PI);
  const raw = 7 * Math.atanh(Math.log(scale) / 7);
  const shared = tf.tensor1d([Math.log(scale)]);
  const found = [
    logProbs(new GaussianLikelihood({ scale }), [x], [[mean]]),
    logProbs(new GaussianLikelihood(), [x], [[mean]], [shared]),
    logProbs(new GaussianLikelihood({ scale: 'perOutput' }), [x], [[mean, raw]]),
  ];
  for (const [value] of found) t.true(Math.abs((value as number) - expected) < 1e-6);
  shared.dispose();
});

test('a product is the sum of its parts, each on its own columns', (t) => {
  const parts = [
    new GaussianLikelihood({ scale: 2 }),
    new CategoricalLikelihood({ levels: 3 }),
    new Bernoulli(),
  ];
  const product = new ProductLikelihood(
    parts.map((likelihood, i) => ({ likelihood, columns: i === 0 ? 2 : 1 })),
  );
  tf.tidy(() => {
    const numbers = { x: tf.tensor2d([[0.5, -1]]), outputs: tf.tensor2d([[0.2, 0.3]]) };
    const category = { x: tf.tensor2d([[2]]), outputs: tf.tensor2d([[0.1, -0.4, 1]]) };
    const flag = { x: tf.tensor2d([[1]]), outputs: tf.tensor2d([[-0.7]]) };
    const all = [numbers, category, flag];
    const sum = all
      .map(({ x, outputs }, i) => (parts[i] as Likelihood).logProb(x, outputs, []))
      .reduce((a, b) => tf.add(a, b));
    const x = tf.concat(
      all.map((part) => part.x),
      1,
    );
    const outputs = tf.concat(
      all.map((part) => part.outputs),
      1,
    );
    t.deepEqual(product.outputShape([4]), [6]);
    t.true(difference(product.logProb(x, outputs, []), sum) < 1e-6);
    t.throws(() => product.outputShape([3]), { message: /4 columns/ });
  });
});
