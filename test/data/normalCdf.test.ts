import test from 'ava';
import { normalCdf } from '../../src/data/normalCdf.js';
import { normalQuantile } from '../../src/random.js';

test('it undoes the quantile function', (t) => {
  for (const p of [1e-300, 1e-20, 1e-9, 1e-4, 0.1, 0.5, 0.77, 1 - 1e-6]) {
    t.true(Math.abs(normalCdf(normalQuantile(p)) / p - 1) < 1e-12, `${p}`);
  }
});

test('it is symmetric, and its slope is the density', (t) => {
  for (const z of [-8, -3.0001, -2.9999, -2, -0.3, 0, 1, 4, 7]) {
    t.true(Math.abs(normalCdf(z) + normalCdf(-z) - 1) < 1e-15);
    const h = 1e-4;
    const slope = (normalCdf(z + h) - normalCdf(z - h)) / (2 * h);
    t.true(Math.abs(slope - Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) < 1e-8);
  }
});

test('its ends', (t) => {
  t.is(normalCdf(-1000), 0);
  t.is(normalCdf(1000), 1);
  t.is(normalCdf(0), 0.5);
  t.true(Number.isNaN(normalCdf(Number.NaN)));
});
