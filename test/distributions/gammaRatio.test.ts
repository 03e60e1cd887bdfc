import test from 'ava';
import { logGammaHalfStep } from '../../src/distributions/gammaRatio.js';
import { type Tensor, tf } from '../../src/tf.js';
import { difference, leavesNoTensors } from '../flows/laws.js';

/** log Γ(x + ½) − log Γ(x) at x = ½, 1, 1½, … from Γ(½) = √π and Γ(x + 1) = x Γ(x). */
function exactSteps(count: number): number[] {
  const steps = [-0.5 * Math.log(Math.PI), 0.5 * Math.log(Math.PI) - Math.LN2];
  for (let k = 2; k < count; k++) {
    const x = k / 2 - 0.5;
    steps.push((steps[k - 2] as number) + Math.log((x + 0.5) / x));
  }
  return steps;
}

test('it is the ratio of gamma functions at half-integers', (t) => {
  leavesNoTensors(t, () => {
    const x = Array.from({ length: 400 }, (_, k) => (k + 1) / 2);
    const exact = exactSteps(400).map((step, k) => step - 0.5 * Math.log(x[k] as number));
    const found = logGammaHalfStep(tf.tensor1d(x));
    t.true(difference(found, Float32Array.from(exact)) < 3e-7);
  });
});

test('it obeys the recurrence at small arguments, and goes as −1/(8x) at large ones', (t) => {
  leavesNoTensors(t, () => {
    const x = [1e-4, 0.01, 0.1, 0.3, 0.77, 2.2];
    const value = (points: number[]) => logGammaHalfStep(tf.tensor1d(points)).dataSync();
    const [here, next] = [value(x), value(x.map((point) => point + 1))];
    x.forEach((point, i) => {
      // f(x + 1) − f(x) = log((x + ½) / x) − ½ log((x + 1) / x).
      const rise = Math.log((point + 0.5) / point) - 0.5 * Math.log((point + 1) / point);
      t.true(Math.abs((next[i] as number) - (here[i] as number) - rise) < 1e-6, `${point}`);
    });
    const large = [1e3, 1e5, 1e8, 1e30];
    large.forEach((point, i) => {
      t.true(Math.abs((value(large)[i] as number) + 1 / (8 * point)) < 1e-7, `${point}`);
    });
  });
});

test('its gradient is the difference of its values', (t) => {
  leavesNoTensors(t, () => {
    const x = [0.05, 0.5, 2, 30];
    const gradient = tf
      .grad((input: Tensor) => tf.sum(logGammaHalfStep(input)))(tf.tensor1d(x))
      .dataSync();
    x.forEach((point, i) => {
      const [low, high] = logGammaHalfStep(tf.tensor1d([point * 0.98, point * 1.02])).dataSync();
      const slope = ((high as number) - (low as number)) / (0.04 * point);
      t.true(Math.abs((gradient[i] as number) / slope - 1) < 3e-3, `${point}: ${gradient[i]}, ${slope}`);
    });
  });
});
