import test from 'ava';
import { nice } from '../../../src/flows/presets/nice.js';
import { tf } from '../../../src/tf.js';
import { difference, leavesNoTensors, normals, rowsFor } from '../laws.js';

test('only the scaling of NICE changes volumes, every row alike', (t) => {
  const flow = nice({ dim: 5, contextDim: 2, layers: 3, hidden: [7], reference: true });
  const values = normals(flow.parameters.count, 81, 0.4);
  flow.parameters.assign(values);
  const scale = flow.parameters.layout.find(({ name }) => name === '3.actNorm.logScale');
  const offset = scale?.offset as number;
  const expected = values.subarray(offset, offset + 5).reduce((sum, value) => sum + value, 0);
  leavesNoTensors(t, () => {
    const { x, context } = rowsFor(flow, 6);
    const { z, logDet } = flow.forward(x, context);
    t.true(difference(logDet, tf.fill([6], expected)) < 1e-6);
    t.true(difference(flow.inverse(z, context).x, x) < 1e-5);
    t.true(difference(z, x) > 1e-2);
  });
  flow.dispose();
});

test('couplings of NICE transform every dimension in turn', (t) => {
  const flow = nice({ dim: 5, layers: 2 });
  const transformed = flow
    .spec()
    .layers.flatMap((layer) => (layer.kind === 'additiveCoupling' ? layer.transformed : []));
  t.deepEqual(
    transformed.toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4],
  );
  flow.dispose();
});
