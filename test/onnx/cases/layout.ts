import { type Tensor, tf } from '../../../src/tf.js';
import { type Argument, bools, chosen, floats, ints, special } from '../support.js';
import { type Case, testCase } from './case.js';

/** The same movement of floats, whole numbers and truth values. */
function everyType(name: string, fn: (x: Tensor) => Tensor | Tensor[], shape: Argument['shape']): Case[] {
  return [
    testCase(`${name}, float32`, fn, floats(shape)),
    testCase(`${name}, int32`, fn, ints(shape, -9, 9)),
    testCase(`${name}, bool`, fn, bools(shape)),
  ];
}

const rows = (x: Tensor): number => x.shape[0] as number;

const moves: readonly Case[] = [
  ...everyType('reshape', (x) => tf.reshape(x, [rows(x) * 2, 3]), ['batch', 6]),
  ...everyType('flatten', (x) => tf.reshape(x, [-1]), ['batch', 6]),
  ...everyType(
    'reshape there and back',
    (x) => tf.neg(tf.cast(tf.reshape(tf.reshape(x, [-1]), x.shape), 'int32')),
    ['batch', 6],
  ),
  ...everyType('expandDims', (x) => tf.expandDims(x, 1), ['batch', 3]),
  ...everyType('squeeze', (x) => tf.squeeze(x, [1]), ['batch', 1, 3]),
  ...everyType('transpose', (x) => tf.transpose(x, [2, 0, 1]), ['batch', 2, 3]),
  ...everyType('concat', (x) => tf.concat([x, x, x], 1), ['batch', 2]),
  ...everyType('concat of rows', (x) => tf.concat([x, x], 0), ['batch', 2]),
  ...everyType('stack', (x) => tf.stack([x, x], 1), ['batch', 2]),
  ...everyType('unstack', (x) => tf.unstack(x, 1).reverse(), ['batch', 3]),
  ...everyType('tile', (x) => tf.tile(x, [1, 2]), ['batch', 3]),
  ...everyType('tile of rows', (x) => tf.tile(x, [2, 1]), ['batch', 3]),
  ...everyType('broadcastTo', (x) => tf.broadcastTo(x, [rows(x), 3, 2]), ['batch', 1, 2]),
  ...everyType('slice', (x) => tf.slice(x, [0, 1], [-1, 2]), ['batch', 4]),
  ...everyType('slice of all', (x) => tf.neg(tf.cast(tf.slice(x, [0, 0], [-1, -1]), 'int32')), ['batch', 4]),
  ...everyType('slice of one row', (x) => tf.slice(x, [0, 1], [1, 2]), ['batch', 4]),
  ...everyType('stridedSlice', (x) => tf.stridedSlice(x, [0, 3], [0, 0], [1, -2], 1, 1 | 2), ['batch', 4]),
  ...everyType('split', (x) => tf.split(x, 2, 1), ['batch', 4]),
  ...everyType('split by sizes', (x) => tf.split(x, [1, 3], 1), ['batch', 4]),
  ...everyType('reverse', (x) => tf.reverse(x, 1), ['batch', 4]),
  ...everyType('reverse of rows', (x) => tf.reverse(x, [0, -1]), ['batch', 4]),
  ...everyType(
    'pad',
    (x) =>
      tf.pad(
        tf.cast(x, 'float32'),
        [
          [0, 0],
          [1, 2],
        ],
        5,
      ),
    ['batch', 3],
  ),
  ...everyType('gather', (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1), ['batch', 3]),
  ...everyType('gather one', (x) => tf.gather(x, tf.scalar(1, 'int32'), 1), ['batch', 3, 2]),
  ...everyType('where', (x) => tf.where(tf.greater(tf.cast(x, 'int32'), 0), x, tf.onesLike(x)), ['batch', 3]),
];

const others: readonly Case[] = [
  testCase(
    'mirrorPad, reflect',
    (x) =>
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [2, 1],
        ],
        'reflect',
      ),
    floats(['batch', 4]),
  ),
  testCase(
    'mirrorPad, symmetric',
    (x) =>
      tf.mirrorPad(
        x,
        [
          [0, 0],
          [2, 4],
        ],
        'symmetric',
      ),
    floats(['batch', 4]),
  ),
  testCase('gather by rows', (x, i) => tf.gather(x, i), floats([5, 2]), ints(['batch'], 0, 4)),
  testCase('gather by a matrix', (x, i) => tf.gather(x, i, 1), floats(['batch', 5, 2]), ints([2, 3], 0, 4)),
  testCase(
    'gather in batches',
    (x, i) => tf.gather(x, i, 1, 1),
    floats(['batch', 5, 2]),
    ints(['batch', 3], 0, 4),
  ),
  testCase(
    'gather in batches, outer axes',
    (x, i) => tf.gather(x, i, 2, 1),
    floats(['batch', 3, 5, 2]),
    ints(['batch', 2, 2], 0, 4),
  ),
  testCase('oneHot', (i) => tf.oneHot(i, 4), ints(['batch'], 0, 3)),
  testCase('oneHot of a matrix', (i) => tf.oneHot(i, 3, 2, -1, 'float32'), ints(['batch', 2], 0, 2)),
  testCase('oneHot outside', (i) => tf.oneHot(i, 3), ints(['batch'], -3, 5)),
  testCase(
    'where of special values',
    (x) => tf.where(tf.isNaN(x), tf.scalar(7), x),
    chosen(['batch', special.length], special),
  ),
  testCase(
    'where by rows',
    (c, x) => tf.where(c, x, tf.mul(x, 2)),
    bools(['batch', 1]),
    floats(['batch', 3]),
  ),
  testCase('where of constants', (c) => tf.where(c, 1, 0), bools(['batch', 3])),
  testCase('concat with nothing', (x, y) => tf.concat([x, y], 1), floats(['batch', 0]), floats(['batch', 3])),
  testCase(
    'columns by a permutation',
    (x) => tf.gather(x, tf.tensor1d([3, 1, 0, 2], 'int32'), 1),
    floats(['batch', 4]),
  ),
  testCase(
    'row numbers',
    (x) => tf.add(x, tf.expandDims(tf.range(0, rows(x), 1, 'float32'), 1)),
    floats(['batch', 2]),
  ),
  testCase(
    'zeros and ones',
    (x) => [tf.zerosLike(x), tf.add(tf.onesLike(x), x), tf.fill([rows(x), 2], 3)],
    floats(['batch', 2]),
  ),
  testCase('constants by rows', (x) => tf.mul(x, tf.zeros([rows(x), 2])), floats(['batch', 2])),
  testCase(
    'a scalar spread by a constant',
    (x, s) => [x, tf.mul(s, tf.ones([rows(x), 2]))],
    floats(['batch', 2]),
    floats([]),
  ),
  testCase('count of rows', (x) => tf.add(x, tf.sum(tf.ones([rows(x)]))), floats(['batch', 2])),
  testCase(
    'mean over rows of a constant',
    (x) => tf.add(x, tf.mean(tf.fill([rows(x) * 3], 2))),
    floats(['batch', 2]),
  ),
  testCase(
    'halves of doubled rows',
    (x) => tf.split(tf.concat([x, tf.neg(x)], 0), 2, 0),
    floats(['batch', 2]),
  ),
  testCase(
    'second half of doubled rows',
    (x) => tf.slice(tf.concat([x, tf.neg(x)], 0), [rows(x), 0], [rows(x), 2]),
    floats(['batch', 2]),
  ),
  testCase(
    'rows repeated',
    (x) => tf.reshape(tf.tile(tf.expandDims(x, 1), [1, 16, 1]), [rows(x) * 16, 2]),
    floats(['batch', 2]),
  ),
  testCase(
    'rows by a pair of axes',
    (x) => tf.reshape(tf.matMul(x, x, false, true), [rows(x), 1, rows(x)]),
    floats(['batch', 2]),
  ),
  testCase('no rows at all', (x) => tf.matMul(x, x), floats([3, 3])),
  testCase('a scalar', (x) => tf.mul(x, tf.add(x, 1)), floats([])),
  testCase('the input itself', (x) => x, floats(['batch', 2])),
  testCase(
    'the input twice and a constant',
    (x) => [x, tf.clone(x), tf.tensor2d([[1, 2]]), tf.zeros([rows(x), 2], 'int32')],
    floats(['batch', 2]),
  ),
];

export const layout: readonly Case[] = [...moves, ...others];
