import test from 'ava';
import { AutoregressiveNetwork, hiddenDegrees } from '../../src/nn/autoregressiveNetwork.js';
import { residualMlp } from '../../src/nn/residualMlp.js';
import { FlatParameters } from '../../src/ops/flatParameters.js';
import { type Tensor2D, tf } from '../../src/tf.js';
import { difference, leavesNoTensors, normalMatrix, normals } from '../flows/laws.js';

const cases = [
  { dim: 5, contextDim: 0, hidden: [16, 12] },
  { dim: 4, contextDim: 2, hidden: [11, 8, 9] },
  { dim: 3, contextDim: 1, hidden: [] },
  { dim: 1, contextDim: 2, hidden: [4] },
  { dim: 1, contextDim: 0, hidden: [4] },
  { dim: 6, contextDim: 3, hidden: [2] },
  { dim: 5, contextDim: 0, hidden: [16], residualBlocks: 2 },
  { dim: 4, contextDim: 2, hidden: [9], residualBlocks: 1 },
  { dim: 1, contextDim: 2, hidden: [4], residualBlocks: 1 },
];

for (const { dim, contextDim, hidden, residualBlocks = 0 } of cases) {
  const sizes = { dim, contextDim, hidden, residualBlocks };
  const network = new AutoregressiveNetwork({ ...sizes, outputs: 3, activation: 'tanh' });
  const shape = `${dim} variables, context of ${contextDim}, [${hidden}] units, ${residualBlocks} blocks`;

  test(`outputs see the context and the variables before them: ${shape}`, (t) => {
    const parameters = new FlatParameters(network.parameters, 0);
    parameters.assign(normals(parameters.count, 60));
    leavesNoTensors(t, () => {
      const input = normalMatrix(1, contextDim + dim, 61);
      const wide = hidden.every((width) => width >= dim);
      for (let output = 0; output < 3 * dim; output++) {
        const cotangent = tf.oneHot(tf.tensor1d([output], 'int32'), 3 * dim);
        const slopes = tf
          .grad((x) => network.apply(x as Tensor2D, parameters.slices()))(
            input,
            tf.cast(cotangent, 'float32'),
          )
          .dataSync();
        slopes.forEach((slope, i) => {
          const sees = i < contextDim || i - contextDim < Math.floor(output / 3);
          // Too few units hide some of what may be seen; they never show what must not be.
          if (wide || !sees) t.is(slope !== 0, sees, `input ${i} to output ${output}`);
          else if (i < contextDim) t.not(slope, 0, 'the context reaches all');
        });
      }
    });
    parameters.dispose();
  });

  test(`one variable after the other is the same network: ${shape}`, (t) => {
    const parameters = new FlatParameters(network.parameters, 0);
    parameters.assign(normals(parameters.count, 62));
    leavesNoTensors(t, () => {
      const context = contextDim > 0 ? normalMatrix(7, contextDim, 63) : undefined;
      const variables = normalMatrix(7, dim, 64);
      const input = context === undefined ? variables : tf.concat([context, variables], 1);
      const columns = dim === 1 ? [variables] : tf.split(variables, dim, 1);
      const found: Tensor2D[] = [];
      network.unroll(7, context, parameters.slices(), (outputs, k) => {
        found[k] = outputs;
        return columns[k] as Tensor2D;
      });
      t.true(difference(tf.concat(found, 1), network.apply(input as Tensor2D, parameters.slices())) < 1e-6);
    });
    parameters.dispose();
  });
}

test('degrees ascend, are dealt out evenly, and leave no unit idle', (t) => {
  for (const [dim, contextDim, width] of [
    [5, 0, 16],
    [5, 3, 16],
    [43, 0, 128],
    [1, 0, 4],
    [9, 2, 4],
  ] as const) {
    const [degrees = []] = hiddenDegrees(dim, contextDim, [width]);
    t.is(degrees.length, width);
    t.deepEqual(
      degrees,
      degrees.toSorted((a, b) => a - b),
    );
    t.true(degrees.every((m) => m >= (contextDim > 0 || dim === 1 ? 0 : 1) && m < dim));
    const counts = [...new Set(degrees)].map((m) => degrees.filter((other) => other === m).length);
    t.true(Math.max(...counts) - Math.min(...counts) <= 1);
  }
});

test('where all units may see all of the context, a residual network is the one without masks', (t) => {
  const sizes = { hidden: [6], residualBlocks: 2, outputs: 4, activation: 'silu' } as const;
  const masked = new AutoregressiveNetwork({ dim: 1, contextDim: 3, ...sizes });
  const plain = residualMlp({ inputs: 3, width: 6, blocks: 2, outputs: 4, activation: 'silu' });
  leavesNoTensors(t, () => {
    const values = masked.parameters.map(({ shape }, i) =>
      tf.tensor(
        normals(
          shape.reduce((a, b) => a * b, 1),
          80 + i,
        ),
        [...shape],
      ),
    );
    const [weight, ...others] = values;
    // The last row of the first weights reads the only variable, which nothing may see.
    const seen = tf.slice(weight as Tensor2D, [0, 0], [3, 6]);
    const input = normalMatrix(5, 4, 95);
    const expected = plain.apply(tf.slice(input, [0, 0], [5, 3]), [seen, ...others]);
    t.true(difference(masked.apply(input, values), expected) < 1e-6);
  });
});
