import test from 'ava';
import { type Tensor, tf } from '../../src/tf.js';
import { type GradientCase, holdGradients, normals, spaced } from './law.js';
import { alongRows, type Doubles, entry, filled, moved, sumOver } from './reference/arrays.js';

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

/** Ops that move entries about: where each of the result stood before. */
const MOVES: readonly (readonly [
  string,
  (x: Tensor) => Tensor,
  number[],
  number[],
  (index: number[]) => number[],
])[] = [
  [
    'transpose',
    (x) => tf.transpose(x, [2, 0, 1]),
    [2, 3, 4],
    [4, 2, 3],
    ([i, j, k]) => [j, k, i] as number[],
  ],
  ['slice', (x) => tf.slice(x, [1, 0], [2, 3]), [3, 4], [2, 3], ([i, j]) => [(i as number) + 1, j as number]],
  [
    'pad',
    (x) =>
      tf.pad(x, [
        [1, 2],
        [0, 1],
      ]),
    [2, 3],
    [5, 4],
    ([i, j]) => [(i as number) - 1, j as number],
  ],
  ['tile', (x) => tf.tile(x, [2, 3]), [2, 3], [4, 9], ([i, j]) => [(i as number) % 2, (j as number) % 3]],
  ['reverse', (x) => tf.reverse(x, [1]), [2, 3], [2, 3], ([i, j]) => [i as number, 2 - (j as number)]],
  ['broadcastTo', (x) => tf.broadcastTo(x, [2, 3]), [1, 3], [2, 3], ([, j]) => [0, j as number]],
  [
    'gather',
    (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1),
    [2, 3],
    [2, 3],
    ([i, j]) => [i as number, [2, 0, 2][j as number] as number],
  ],
  [
    'reshape',
    (x) => tf.reshape(x, [6]),
    [2, 3],
    [6],
    ([i]) => [Math.floor((i as number) / 3), (i as number) % 3],
  ],
];

test('ops that move entries', (t) => {
  for (const [name, op, from, to, source] of MOVES) {
    holdGradients(t, {
      name,
      op: op as GradientCase['op'],
      reference: moved(to, source),
      inputs: [normals(from)],
    });
  }
});

test('ops of several arrays, and to several', (t) => {
  const inputs = [normals([2, 3]), normals([2, 3])];
  const pick = (all: Doubles[], which: number, index: readonly unknown[]) =>
    entry(all[which] as Doubles, index as number[]);
  holdGradients(t, {
    name: 'concat',
    op: (...all) => tf.concat(all, 1),
    reference: (...all) =>
      filled([2, 6], ([i, j]) => pick(all, (j as number) < 3 ? 0 : 1, [i, (j as number) % 3])),
    inputs,
  });
  holdGradients(t, {
    name: 'stack',
    op: (...all) => tf.stack(all, 1),
    reference: (...all) => filled([2, 2, 3], ([i, which, j]) => pick(all, which as number, [i, j])),
    inputs,
  });
  holdGradients(t, {
    name: 'split and unstack',
    op: (x) => {
      const [left, right] = tf.split(x as Tensor, [1, 2], 1) as [Tensor, Tensor];
      const [first] = tf.unstack(right, 0) as [Tensor];
      return tf.mul(left, first);
    },
    reference: (...all) =>
      filled([2, 2], ([i, j]) => pick(all, 0, [i, 0]) * pick(all, 0, [0, (j as number) + 1])),
    inputs: inputs.slice(0, 1),
  });
  holdGradients(t, {
    name: 'unsortedSegmentSum',
    op: (x) => tf.unsortedSegmentSum(x as Tensor, tf.tensor1d([1, 0, 1], 'int32'), 2),
    reference: (...all) =>
      filled([2, 2], ([segment, j]) =>
        segment === 0 ? pick(all, 0, [1, j]) : pick(all, 0, [0, j]) + pick(all, 0, [2, j]),
      ),
    inputs: [normals([3, 2])],
  });
});

test('pieces put together again, one alone and empty ones among them', (t) => {
  const whole = (shape: number[]) => moved(shape, (index) => index);
  for (const sizes of [[3], [1, 2], [0, 3], [1, 1, 1]]) {
    holdGradients(t, {
      name: `split [${sizes}]`,
      op: (x) => tf.concat(tf.split(x as Tensor, sizes, 1), 1),
      reference: whole([2, 3]),
      inputs: [normals([2, 3])],
    });
  }
  for (const [shape, axis] of [
    [[1, 3], 0],
    [[3, 1], -1],
    [[3, 2], 0],
  ] as const) {
    holdGradients(t, {
      name: `unstack [${shape}] along ${axis}`,
      op: (x) => tf.stack(tf.unstack(x as Tensor, axis), axis),
      reference: whole([...shape]),
      inputs: [normals(shape)],
    });
  }
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
