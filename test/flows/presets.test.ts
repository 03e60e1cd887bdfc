import test from 'ava';
import { nsf } from '../../src/flows/presets.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { difference, leavesNoTensors, normals, rowsFor } from './laws.js';

for (const [dim, contextDim] of [
  [1, 0],
  [1, 3],
  [2, 0],
  [5, 2],
] as const) {
  test(`A neural spline flow in ${dim} dimensions with context of ${contextDim} starts with the density of N(0, I)`, (t) => {
    const flow = nsf({ dim, contextDim, reference: true });
    leavesNoTensors(t, () => {
      const { x, context } = rowsFor(flow, 6);
      t.true(difference(flow.logProb(x, context), flow.base.logProb(x, [])) < 1e-5);
    });
    flow.dispose();
  });

  test(`A neural spline flow in ${dim} dimensions with context of ${contextDim} inverts, far rows too`, (t) => {
    const flow = nsf({ dim, contextDim, layers: 3, hidden: [10, 9], reference: true });
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

test('couplings of a neural spline flow transform every dimension in turn', (t) => {
  const flow = nsf({ dim: 5, layers: 2, seed: 4 });
  const { layers } = flow.spec();
  t.deepEqual(
    layers.map(({ kind }) => kind),
    [0, 1]
      .flatMap(() => ['permutation', 'luLinear', 'rationalQuadraticCoupling'])
      .concat(['permutation', 'luLinear']),
  );
  t.deepEqual(
    layers
      .flatMap((layer) => (layer.kind === 'rationalQuadraticCoupling' ? layer.transformed : []))
      .toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4],
  );
  flow.dispose();
});
