import test from 'ava';
import { type Tensor, tf } from '../../src/tf.js';
import { type GradientCase, holdGradients, normals, spaced } from './law.js';
import { alongRows, type Doubles, entry, filled, sumOver } from './reference/arrays.js';

type Unary = readonly [name: string, op: (x: Tensor) => Tensor, f: (row: number[]) => number[]];

const sum = (row: readonly number[]) => row.reduce((total, value) => total + value, 0);
const logSumExp = (row: readonly number[]) => Math.log(sum(row.map(Math.exp)));

/** Functions of the last axis. */
const ROWS: readonly Unary[] = [
  ['sum', (x) => tf.sum(x, -1, true), (row) => [sum(row)]],
  ['mean', (x) => tf.mean(x, -1, true), (row) => [sum(row) / row.length]],
  ['max', (x) => tf.max(x, -1, true), (row) => [Math.max(...row)]],
  ['min', (x) => tf.min(x, -1, true), (row) => [Math.min(...row)]],
  ['logSumExp', (x) => tf.logSumExp(x, -1, true), (row) => [logSumExp(row)]],
  ['norm', (x) => tf.norm(x, 2, -1, true), (row) => [Math.hypot(...row)]],
  ['softmax', (x) => tf.softmax(x), (row) => row.map((value) => Math.exp(value - logSumExp(row)))],
  ['logSoftmax', (x) => tf.logSoftmax(x), (row) => row.map((value) => value - logSumExp(row))],
  ['cumsum', (x) => tf.cumsum(x, x.rank - 1), (row) => row.map((_, i) => sum(row.slice(0, i + 1)))],
  [
    'variance',
    (x) => tf.expandDims(tf.moments(x, -1).variance, -1),
    (row) => [sum(row.map((value) => (value - sum(row) / row.length) ** 2)) / row.length],
  ],
];

test('functions of rows', (t) => {
  for (const shape of [[7], [3, 4], [2, 2, 3]]) {
    for (const [name, op, f] of ROWS) {
      const inputs = [spaced(shape)];
      holdGradients(t, {
        name: `${name} [${shape}]`,
        op: op as GradientCase['op'],
        reference: alongRows(f),
        inputs,
      });
    }
  }
});

test('cumulative sums along any axis', (t) => {
  for (const [exclusive, reverse] of [
    [false, false],
    [true, false],
    [false, true],
  ] as const) {
    holdGradients(t, {
      name: `cumsum ${exclusive} ${reverse}`,
      op: (x) => tf.cumsum(x as Tensor, 0, exclusive, reverse),
      reference: (x) =>
        filled([3, 2], ([i, j]) =>
          sumOver([3], ([k]) => {
            const after = ((k as number) - (i as number)) * (reverse ? -1 : 1);
            return after < 0 || (after === 0 && !exclusive) ? entry(x as Doubles, [k, j] as number[]) : 0;
          }),
        ),
      inputs: [normals([3, 2])],
    });
  }
});

test('what is broadcast to a shape', (t) => {
  holdGradients(t, {
    name: 'broadcastTo',
    op: (x) => tf.broadcastTo(x as Tensor, [2, 3]),
    reference: (x) => filled([2, 3], ([, j]) => entry(x as Doubles, [0, j as number])),
    inputs: [normals([1, 3])],
  });
});

test('the cross entropy of a softmax, with respect to labels too', (t) => {
  for (const smoothing of [0, 0.2]) {
    holdGradients(t, {
      name: `softmaxCrossEntropy, ${smoothing}`,
      op: (labels, logits) =>
        tf.losses.softmaxCrossEntropy(
          labels as Tensor,
          logits as Tensor,
          undefined,
          smoothing,
          tf.Reduction.NONE,
        ),
      reference: (labels, logits) =>
        filled([2], ([i]) => {
          const row = [0, 1, 2].map((j) => entry(logits as Doubles, [i as number, j]));
          return -sum(
            row.map((value, j) => {
              const label = entry(labels as Doubles, [i as number, j]) * (1 - smoothing) + smoothing / 3;
              return label * (value - logSumExp(row));
            }),
          );
        }),
      inputs: [spaced([2, 3], 0, 1), normals([2, 3])],
    });
  }
});
