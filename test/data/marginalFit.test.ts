import test from 'ava';
import { fitMarginals, type HalvedSample } from '../../src/data/marginalFit.js';
import { padKnots, quantileKnots } from '../../src/data/marginalKnots.js';
import { splineValues } from '../../src/data/transformValues.js';
import { Random } from '../../src/random.js';

function sample(n: number, seed: number, of: (z: number, i: number) => number): HalvedSample {
  const values = Float64Array.from(new Random(seed).normal(new Float32Array(n))).map(of);
  return { halves: [values.slice(0, n / 2).sort(), values.slice(n / 2).sort()], copies: 1 };
}

test('a sample that is normal already gets no spline, however many rows it has', (t) => {
  for (const n of [20, 100, 400, 2000, 20_000]) {
    for (const seed of [1, 2, 3])
      t.is(fitMarginals([sample(n, seed, (z) => z)]), null, `${n} rows, seed ${seed}`);
  }
});

test('one that is not gets more bins the more rows show it', (t) => {
  const bins = (n: number): number => {
    const peaks = sample(n, 4, (z, i) => (i % 2 === 0 ? 1 : -1) + z / 5);
    return (fitMarginals([peaks])?.[0]?.x.length ?? 1) - 1;
  };
  t.is(bins(20), 0);
  t.true(bins(400) > 0);
  t.true(bins(20_000) > bins(400));
});

test('columns share the number of knots, and those without a spline are left as they are', (t) => {
  const knots = fitMarginals([
    sample(2000, 5, (z) => z),
    sample(2000, 6, (z, i) => (i % 2 === 0 ? 1 : -1) + z / 5),
  ]);
  t.is(knots?.[0]?.x.length, knots?.[1]?.x.length);
  const x = Float64Array.of(-1e4, -3, -0.5, 0, 0.7, 2, 33, 1e4);
  if (knots?.[0] === undefined) return t.fail();
  splineValues(x, knots[0]).y.forEach((value, i) => {
    t.true(Math.abs(value - (x[i] as number)) < 1e-10);
  });
});

test('slopes are bounded, in the tails most: ties make no infinite density, outliers no boundless cost', (t) => {
  for (const bins of [4, 8, 16, 32]) {
    // Nine rows in ten share one value, and the largest hundred another.
    const tied = Float64Array.from({ length: 2000 }, (_, i) =>
      i < 1800 ? 0 : i < 1900 ? i / 1900 : 2,
    ).sort();
    const { x, y, derivative } = quantileKnots(tied, 1, bins);
    for (let k = 1; k < x.length; k++) {
      const slope = ((y[k] as number) - (y[k - 1] as number)) / ((x[k] as number) - (x[k - 1] as number));
      t.true(slope > 0.0099 && slope < 101, `${slope}`);
    }
    t.true(derivative.every((slope) => slope > 0 && slope < 101));
    t.true((derivative[0] as number) <= 2 && (derivative.at(-1) as number) <= 2);
  }
});

test('more knots along the tail change nothing', (t) => {
  const knots = quantileKnots(
    Float64Array.from({ length: 300 }, (_, i) => (i / 300) ** 2),
    1,
    8,
  );
  const x = Float64Array.from({ length: 200 }, (_, i) => i / 20 - 4);
  const [few, many] = [splineValues(x, knots), splineValues(x, padKnots(knots, 20))];
  few.y.forEach((value, i) => {
    t.true(Math.abs(value - (many.y[i] as number)) < 1e-12);
    t.true(Math.abs((few.logDet[i] as number) - (many.logDet[i] as number)) < 1e-12);
  });
});
