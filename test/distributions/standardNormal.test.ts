import test from 'ava';
import { StandardNormal, standardNormalCdf } from '../../src/distributions/standardNormal.js';
import { PushforwardError } from '../../src/errors.js';
import { tf } from '../../src/tf.js';

test('the log-density is the product of one-dimensional normal densities', (t) => {
  const rows = [
    [0, 0, 0],
    [1, -2, 0.5],
    [9, 9, -9],
  ];
  const logProb = new StandardNormal(3).logProb(tf.tensor2d(rows)).dataSync();
  rows.forEach((row, i) => {
    const expected = row.reduce(
      (sum, z) => sum + Math.log(Math.exp(-z * z * 0.5) / Math.sqrt(2 * Math.PI)),
      0,
    );
    t.true(Math.abs((logProb[i] as number) - expected) < 1e-5 * (1 + Math.abs(expected)));
  });
  t.deepEqual(new StandardNormal(2).logProb(tf.zeros([0, 2])).shape, [0]);
});

test('draws have mean 0, variance 1 and no correlation', (t) => {
  const n = 20000;
  const z = new StandardNormal(2).sample(n, { seed: 5 }).dataSync();
  const mean = [0, 0];
  let cross = 0;
  const squares = [0, 0];
  for (let i = 0; i < n; i++) {
    const a = z[2 * i] as number;
    const b = z[2 * i + 1] as number;
    mean[0] = (mean[0] as number) + a / n;
    mean[1] = (mean[1] as number) + b / n;
    squares[0] = (squares[0] as number) + (a * a) / n;
    squares[1] = (squares[1] as number) + (b * b) / n;
    cross += (a * b) / n;
  }
  // Five standard errors: 1/√n for means and the covariance, √2 times that for variances.
  const bound = 5 / Math.sqrt(n);
  t.true([...mean, cross].every((value) => Math.abs(value) < bound));
  t.true(squares.every((value) => Math.abs(value - 1) < bound * Math.SQRT2));
});

test('a draw is a function of seed and temperature, and a prefix of a longer one', (t) => {
  const base = new StandardNormal(3);
  const draw = base.sample(4, { seed: 1 }).dataSync();
  t.deepEqual(base.sample(9, { seed: 1 }).dataSync().slice(0, 12), draw.slice());
  t.notDeepEqual(base.sample(4, { seed: 2 }).dataSync(), draw);
  t.deepEqual(
    base.sample(4, { seed: 1, temperature: 0.5 }).dataSync(),
    draw.map((z) => z * 0.5),
  );
  t.deepEqual(base.sample(0).shape, [0, 3]);
  for (const bad of [
    () => base.sample(1.5),
    () => base.sample(-1),
    () => base.sample(1, { temperature: -1 }),
  ]) {
    t.is(t.throws(bad, { instanceOf: PushforwardError }).code, 'usage');
  }
});

test('the CDF integrates the density', (t) => {
  const points = [-4, -1.5, 0, 0.3, 2.5, 6];
  const found = standardNormalCdf(tf.tensor1d(points)).dataSync();
  points.forEach((point, i) => {
    let sum = 0;
    const steps = 4000;
    const width = (point + 12) / steps;
    for (let k = 0; k < steps; k++) sum += Math.exp(-((-12 + (k + 0.5) * width) ** 2) / 2);
    t.true(Math.abs((found[i] as number) - (sum * width) / Math.sqrt(2 * Math.PI)) < 1e-6);
  });
});
