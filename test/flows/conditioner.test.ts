import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { AdditiveCoupling } from '../../src/flows/additiveCoupling.js';
import { AffineCoupling } from '../../src/flows/affineCoupling.js';
import { RationalQuadraticCoupling } from '../../src/flows/rationalQuadraticCoupling.js';
import { tf } from '../../src/tf.js';
import { difference } from './laws.js';

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

test('what the options of a coupling name beside its own changes nothing', (t) => {
  const options = { ...halves, hidden: [3] };
  const strays = { name: 'stray', angles: { columns: [0], bound: 1 }, outputs: 9 };
  for (const Coupling of [AffineCoupling, AdditiveCoupling, RationalQuadraticCoupling]) {
    const sizes = (coupling: {
      readonly parameters: readonly { name: string; shape: readonly number[] }[];
    }) => coupling.parameters.map(({ name, shape }) => [name, shape]);
    t.deepEqual(sizes(new Coupling({ ...options, ...strays })), sizes(new Coupling(options)));
  }
});

test('separate networks are a joint one whose weights between the halves are zero', (t) => {
  const options = { ...halves, hidden: [3], activation: 'tanh' } as const;
  const separate = new AffineCoupling({ ...options, networks: 'separate' });
  const joint = new AffineCoupling({ ...options, hidden: [6] });
  const value = (i: number) => Math.sin(i + 1);
  const of = (shape: readonly number[], offset: number) =>
    tf.tensor(
      Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => value(i + offset)),
      [...shape],
    );
  const values = separate.parameters.map(({ shape }, k) => of(shape, 7 * k));
  const [w0, b0, w1, b1, v0, c0, v1, c1] = values as tf.Tensor2D[] as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  const zero = tf.zeros<tf.Rank.R2>([3, 2]);
  const both = [
    tf.concat([w0, v0], 1),
    tf.concat([b0, c0], 0),
    tf.concat([tf.concat([w1, zero], 1), tf.concat([zero, v1], 1)], 0),
    tf.concat([b1, c1], 0),
  ];
  const x = tf.tensor2d([[0.3, -1, 2, 0.1]]);
  const [found, expected] = [separate.forward(x, values), joint.forward(x, both)];
  t.true(difference(found.y, expected.y) < 1e-6);
  t.true(difference(found.logDet, expected.logDet) < 1e-6);
  t.deepEqual(
    separate.parameters.map(({ name }) => name),
    ['scale', 'shift'].flatMap((which) => ['Weight0', 'Bias0', 'Weight1', 'Bias1'].map((end) => which + end)),
  );
});

test('networks other than joint and separate are refused', (t) => {
  const options = { ...halves, hidden: [3], networks: 'shared' as 'joint' };
  t.is(t.throws(() => new AffineCoupling(options), { instanceOf: PushforwardError })?.code, 'usage');
});
