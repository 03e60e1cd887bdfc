import test from 'ava';
import { nsf } from '../../../src/flows/presets/nsf.js';

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
