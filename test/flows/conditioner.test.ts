import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { AdditiveCoupling } from '../../src/flows/additiveCoupling.js';
import { AffineCoupling } from '../../src/flows/affineCoupling.js';
import { RationalQuadraticCoupling } from '../../src/flows/rationalQuadraticCoupling.js';

const halves = { dim: 4, identity: [0, 1], transformed: [2, 3], activation: 'relu' } as const;

test('a residual network with other than one width, or half a block, is refused', (t) => {
  for (const Coupling of [AffineCoupling, AdditiveCoupling, RationalQuadraticCoupling]) {
    for (const [hidden, residualBlocks] of [
      [[8, 8], 1],
      [[], 2],
      [[8], 1.5],
      [[8], -1],
    ] as const) {
      const error = t.throws(() => new Coupling({ ...halves, hidden, residualBlocks }), {
        instanceOf: PushforwardError,
      });
      t.is(error?.code, 'usage');
    }
    t.notThrows(() => new Coupling({ ...halves, hidden: [8, 8], residualBlocks: 0 }));
  }
});
