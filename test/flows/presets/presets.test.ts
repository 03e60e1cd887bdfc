import test from 'ava';
import { catalogue, presetNames } from '../../../src/flows/presets/catalogue.js';
import { presets } from '../../../src/flows/presets/index.js';
import { type Tensor2D, tf } from '../../../src/tf.js';
import { difference, leavesNoTensors, normals, rowsFor } from '../laws.js';

const shapes = [
  [1, 0],
  [1, 2],
  [2, 0],
  [5, 3],
] as const;

for (const name of presetNames) {
  const { build, defaults } = presets[name];

  for (const [dim, contextDim] of shapes) {
    test(`${name} in ${dim} dimensions with context of ${contextDim} starts with the density of N(0, I)`, (t) => {
      const flow = build({ dim, contextDim, reference: true });
      leavesNoTensors(t, () => {
        const { x, context } = rowsFor(flow, 6);
        t.true(difference(flow.logProb(x, context), flow.base.logProb(x, [])) < 1e-5);
      });
      flow.dispose();
    });

    test(`${name} in ${dim} dimensions with context of ${contextDim} inverts, far rows too, and reads its context`, (t) => {
      const flow = build({ dim, contextDim, layers: 3, hidden: [10, 9], reference: true });
      flow.parameters.assign(normals(flow.parameters.count, 81, 0.3));
      leavesNoTensors(t, () => {
        const { x, context } = rowsFor(flow, 40);
        // A rounding of far rows grows in the shifts that networks make of them.
        for (const [scale, tolerance] of [
          [1, 1e-4],
          [1e4, 1e-3],
        ] as const) {
          const rows = tf.mul(x, scale) as Tensor2D;
          const { z, logDet } = flow.forward(rows, context);
          const back = flow.inverse(z, context);
          t.true(difference(back.x, rows) < tolerance, `${difference(back.x, rows)}`);
          t.true(difference(back.logDet, tf.neg(logDet)) < 1e-3, `far ${scale}`);
        }
        t.true(difference(flow.forward(x, context).z, x) > 1e-2, 'it is no identity');
        if (context !== undefined) {
          const moved = difference(flow.logProb(x, tf.neg(context)), flow.logProb(x, context));
          t.true(moved > 1e-2, 'the context matters');
        }
      });
      flow.dispose();
    });
  }

  test(`${name} may have residual networks, whose default is one width`, (t) => {
    const flow = build({
      dim: 3,
      contextDim: 1,
      layers: 2,
      residualBlocks: 2,
      reference: true,
    });
    const driven = flow.spec()?.layers.filter((layer) => 'residualBlocks' in layer) ?? [];
    t.is(driven.length, 2);
    t.true(driven.every((layer) => 'residualBlocks' in layer && layer.residualBlocks === 2));
    const plain = build({ dim: 3, contextDim: 1, layers: 2, reference: true });
    t.not(flow.parameters.count, plain.parameters.count);
    for (const one of [flow, plain]) one.dispose();
  });

  test(`${name} takes an option that is undefined as one that is not given`, (t) => {
    const plain = build({ dim: 3, reference: true });
    const undefinedOptions = { layers: undefined, hidden: undefined, activation: undefined };
    const same = build({ dim: 3, reference: true, ...(undefinedOptions as object) });
    const spelt = build({ dim: 3, reference: true, ...defaults });
    t.deepEqual(same.spec(), plain.spec());
    t.deepEqual(spelt.spec(), plain.spec());
    const smaller = build({ dim: 3, layers: 1, hidden: [3], reference: true });
    t.true(smaller.parameters.count < plain.parameters.count);
    for (const flow of [plain, same, spelt, smaller]) flow.dispose();
  });
}

test('the catalogue and the presets hold the same names, each with a paper and a use', (t) => {
  t.deepEqual(Object.keys(presets).sort(), [...presetNames].sort());
  for (const { paper, use } of Object.values(catalogue)) {
    t.regex(paper, / \d{4}$/);
    t.true(use.length > 20 && use.length < 80);
  }
});
