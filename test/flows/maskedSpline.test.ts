import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { MaskedSpline } from '../../src/flows/maskedSpline.js';
import { dependsInOrder } from './laws.js';

test('the Jacobian of an autoregressive spline is triangular in the order', (t) => {
  const order = [2, 0, 3, 1];
  const map = new MaskedSpline({ dim: 4, hidden: [12, 9], activation: 'tanh', order, bins: 5 });
  dependsInOrder(t, map, order);
});

test('bins, a bound and an order that are none are refused', (t) => {
  const options = { dim: 3, hidden: [4], activation: 'relu' } as const;
  for (const bad of [{ bins: 1 }, { bins: 2.5 }, { bound: 0 }, { order: [0, 1, 1] }]) {
    t.is(
      t.throws(() => new MaskedSpline({ ...options, ...bad }), { instanceOf: PushforwardError }).code,
      'usage',
    );
  }
});
