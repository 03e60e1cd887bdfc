import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { MaskedSpline } from '../../src/flows/maskedSpline.js';
import { nsfAutoregressive } from '../../src/flows/nsfAutoregressive.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { difference, jacobians, leavesNoTensors, normals, rowsFor } from './laws.js';

for (const [dim, contextDim] of [
  [1, 0],
  [1, 3],
  [2, 0],
  [5, 2],
] as const) {
  const shape = `in ${dim} dimensions with context of ${contextDim}`;

  test(`an autoregressive spline flow ${shape} starts with the density of N(0, I)`, (t) => {
    const flow = nsfAutoregressive({ dim, contextDim, layers: 2, hidden: [9, 8], reference: true });
    leavesNoTensors(t, () => {
      const { x, context } = rowsFor(flow, 6);
      t.true(difference(flow.logProb(x, context), flow.definition.base.logProb(x)) < 1e-5);
    });
    flow.dispose();
  });

  test(`an autoregressive spline flow ${shape} inverts, far rows too`, (t) => {
    const flow = nsfAutoregressive({ dim, contextDim, layers: 2, hidden: [10, 9], reference: true });
    flow.parameters.assign(normals(flow.parameters.count, 81, 0.3));
    leavesNoTensors(t, () => {
      const { x, context } = rowsFor(flow, 40);
      for (const scale of [1, 1e4]) {
        const rows = tf.mul(x, scale) as Tensor2D;
        const { z, logDet } = flow.forward(rows, context);
        const back = flow.inverse(z, context);
        t.true(difference(back.x, rows) < 1e-4, `${difference(back.x, rows)}`);
        t.true(difference(back.logDet, tf.neg(logDet)) < 1e-3, `${difference(back.logDet, tf.neg(logDet))}`);
      }
      if (context !== undefined) {
        const moved = difference(flow.logProb(x, tf.neg(context)), flow.logProb(x, context));
        t.true(moved > 1e-2, 'the context matters');
      }
    });
    flow.dispose();
  });
}

test('the Jacobian of an autoregressive spline is triangular in the order', (t) => {
  const order = [2, 0, 3, 1];
  const map = new MaskedSpline({ dim: 4, hidden: [12, 9], activation: 'tanh', order, bins: 5 });
  leavesNoTensors(t, () => {
    const values = map.parameters.map(({ shape }, i) =>
      tf.tensor(
        normals(
          shape.reduce((a, b) => a * b, 1),
          72 + i,
        ),
        [...shape],
      ),
    );
    const x = tf.tensor2d(normals(4, 79), [1, 4]);
    const [jacobian] = jacobians((rows) => map.forward(rows, values).y, x);
    order.forEach((to, k) => {
      order.forEach((from, j) => {
        t.is(jacobian?.[to * 4 + from] !== 0, j <= k, `dimension ${from} to ${to}`);
      });
    });
  });
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
