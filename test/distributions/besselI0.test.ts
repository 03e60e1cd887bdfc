import test from 'ava';
import { logScaledBesselI0 } from '../../src/distributions/besselI0.js';
import { type Tensor, tf } from '../../src/tf.js';
import { leavesNoTensors } from '../flows/laws.js';

/** I_n(κ) by its power series, in doubles. */
function bessel(order: 0 | 1, kappa: number): number {
  let term = order === 0 ? 1 : kappa / 2;
  let sum = term;
  for (let k = 1; term > 1e-18 * sum; k++) {
    term *= (kappa * kappa) / 4 / (k * (k + order));
    sum += term;
  }
  return sum;
}

const points = [0, 1e-3, 0.1, 1, 3.75, 10, 30, 49.99, 50, 50.01, 80, 200, 500].map(Math.fround);

test('values are those of the power series', (t) => {
  leavesNoTensors(t, () => {
    const found = logScaledBesselI0(tf.tensor1d(points)).dataSync();
    points.forEach((kappa, i) => {
      const expected = Math.log(bessel(0, kappa)) - kappa;
      t.true(Math.abs((found[i] as number) - expected) < 5e-7, `${kappa}: ${found[i]}, ${expected}`);
    });
    t.is(found[0], 0);
    const large = [1e4, 1e6, 1e12];
    const there = logScaledBesselI0(tf.tensor1d(large)).dataSync();
    large.forEach((kappa, i) => {
      const expected = -0.5 * Math.log(2 * Math.PI * kappa) + 1 / (8 * kappa);
      t.true(Math.abs((there[i] as number) - expected) < 3e-6, `${kappa}`);
    });
  });
});

test('the gradient is I₁ / I₀ − 1, the switch of the formulas included', (t) => {
  leavesNoTensors(t, () => {
    const found = tf
      .grad((kappa: Tensor) => tf.sum(logScaledBesselI0(kappa)))(tf.tensor1d(points))
      .dataSync();
    points.forEach((kappa, i) => {
      const expected = bessel(1, kappa) / bessel(0, kappa) - 1;
      t.true(Math.abs((found[i] as number) - expected) < 1e-6, `${kappa}: ${found[i]}, ${expected}`);
    });
  });
});
