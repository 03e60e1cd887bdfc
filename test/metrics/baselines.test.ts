import test from 'ava';
import '../../src/backend/index.js';
import type { EncodedRows } from '../../src/data/types.js';
import { GaussianBaseline } from '../../src/metrics/gaussianBaseline.js';
import { IndependentBaseline } from '../../src/metrics/independentBaseline.js';
import { addNormalLogProb, fitNormal, patternsOf } from '../../src/metrics/normalWithGaps.js';
import { logProbOf, normals, shakenModel, tableOf } from '../tables/support.js';

const n = 2000;
const z = normals(2 * n, 20);
const x = Float64Array.from({ length: n }, (_, i) => 3 + 2 * (z[i] as number));
const y = Float64Array.from({ length: n }, (_, i) => -1 + 1.5 * (z[i] as number) + (z[n + i] as number));

const allThere = (rows: number, d: number): Uint8Array => new Uint8Array(rows * d).fill(1);

test('the Gaussian baseline of two columns is the closed form of their mean and covariance', (t) => {
  const { codec, rows } = shakenModel(tableOf({ x, y }));
  const logProb = GaussianBaseline.fit(codec, rows).logProb(rows);
  const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / n;
  const [mx, my] = [mean(x), mean(y)];
  const xx = mean(x.map((value) => (value - mx) ** 2));
  const yy = mean(y.map((value) => (value - my) ** 2));
  const xy = mean(x.map((value, i) => (value - mx) * ((y[i] as number) - my)));
  const determinant = xx * yy - xy * xy;
  for (const row of [0, 7, 1999]) {
    const [a, b] = [(x[row] as number) - mx, (y[row] as number) - my];
    const square = (yy * a * a - 2 * xy * a * b + xx * b * b) / determinant;
    const expected = -Math.log(2 * Math.PI) - 0.5 * Math.log(determinant) - 0.5 * square;
    t.true(Math.abs((logProb[row] as number) - expected) < 1e-3);
  }
});

test('with gaps that depend on the other column, EM finds the mean that complete rows miss', (t) => {
  // y is absent where x is large: the mean of the y that are there is too low.
  const values = Float32Array.from(
    { length: 2 * n },
    (_, i) => (i % 2 === 0 ? x[i / 2] : y[(i - 1) / 2]) as number,
  );
  const present = allThere(n, 2);
  for (let row = 0; row < n; row++) if ((x[row] as number) > 3.5) present[2 * row + 1] = 0;
  const { mean } = fitNormal(values, patternsOf(present, n, 2), 2, [0, 0]);
  const there = Array.from(y).filter((_, row) => present[2 * row + 1] === 1);
  const naive = there.reduce((sum, value) => sum + value, 0) / there.length;
  t.true(Math.abs(naive + 1) > 0.5, 'the trap is there');
  t.true(Math.abs((mean[1] as number) + 1) < 0.15, `${mean[1]}`);
});

test('a column that is mostly absent has its own variance, and that of its rounding once', (t) => {
  const values = Float32Array.from(z.subarray(0, n), Math.round);
  const present = Uint8Array.from({ length: n }, (_, row) => (row % 10 === 0 ? 1 : 0));
  const there = Array.from(values).filter((_, row) => present[row] === 1);
  const mean = there.reduce((sum, value) => sum + value, 0) / there.length;
  const variance = there.reduce((sum, value) => sum + (value - mean) ** 2, 0) / there.length;
  const fitted = fitNormal(values, patternsOf(present, n, 1), 1, [1 / 12]);
  t.true(Math.abs((fitted.covariance[0] as number) - variance - 1 / 12) < 1e-3, `${fitted.covariance}`);
});

test('an absent number is integrated out: the rest has its marginal density', (t) => {
  const normal = { mean: Float64Array.of(1, -2), covariance: Float64Array.of(4, 1.2, 1.2, 2) };
  const patterns = patternsOf(Uint8Array.of(1, 0), 1, 2);
  const logProb = new Float64Array(1);
  addNormalLogProb(normal, Float32Array.of(2, 99), patterns, logProb);
  t.true(Math.abs((logProb[0] as number) - (-0.5 * Math.log(2 * Math.PI * 4) - 0.5 * (1 / 4))) < 1e-9);
});

test('columns that are sums of others do not break the Gaussian baseline', (t) => {
  const { codec, rows } = shakenModel(tableOf({ x, y, sum: x.map((value, i) => value + (y[i] as number)) }));
  t.true(GaussianBaseline.fit(codec, rows).logProb(rows).every(Number.isFinite));
});

test('the independent baseline adds up to 1 over categories and integrates to 1 over a number', (t) => {
  const kind = Array.from(x, (_, i) => (i % 5 === 0 ? 'rare' : i % 2 === 0 ? null : 'often'));
  const { codec, rows, transforms } = shakenModel(tableOf({ kind, x }));
  const baseline = IndependentBaseline.fit(codec, transforms, rows);
  let total = 0;
  for (const level of ['rare', 'often', null]) {
    const points = Float64Array.from({ length: 4000 }, (_, i) => -12 + 0.0075 * i);
    const encoded: EncodedRows = codec.encode(tableOf({ kind: Array.from(points, () => level), x: points }));
    total += baseline.logProb(encoded).reduce((sum, value) => sum + Math.exp(value), 0) * 0.0075;
  }
  t.true(Math.abs(total - 1) < 5e-3, `${total}`);
});

test('an untrained model is the independent baseline', (t) => {
  const kind = Array.from(x, (_, i) => (i % 3 === 0 ? 'a' : 'b'));
  const fitted = shakenModel(tableOf({ kind, x, y }), {}, 0);
  const baseline = IndependentBaseline.fit(fitted.codec, fitted.transforms, fitted.rows).logProb(fitted.rows);
  const model = logProbOf(fitted, tableOf({ kind, x, y }));
  baseline.forEach((value, row) => {
    if (Math.abs(value - (model[row] as number)) > 1e-3) t.fail(`row ${row}: ${value}, ${model[row]}`);
  });
  t.pass();
});

test('baselines survive JSON', (t) => {
  const { codec, rows, transforms } = shakenModel(tableOf({ x, y }));
  const gaussian = GaussianBaseline.fit(codec, rows);
  const again = GaussianBaseline.fromJSON(JSON.parse(JSON.stringify(gaussian)), codec);
  t.deepEqual(again.logProb(rows), gaussian.logProb(rows));
  const independent = IndependentBaseline.fit(codec, transforms, rows);
  const back = IndependentBaseline.fromJSON(JSON.parse(JSON.stringify(independent)), codec, transforms);
  t.deepEqual(back.logProb(rows), independent.logProb(rows));
});
