import test from 'ava';
import { type Tensor, tf } from '../../src/tf.js';
import { type GradientCase, holdGradients, spaced } from './law.js';
import { map, zip } from './reference/arrays.js';

type Unary = readonly [name: string, op: (x: Tensor) => Tensor, f: (x: number) => number];

/** Functions of any number that are no kernels of training; the spaced inputs stay clear of their kinks. */
const UNARY: readonly Unary[] = [
  ['atan', tf.atan, Math.atan],
  ['cos', tf.cos, Math.cos],
  ['cosh', tf.cosh, Math.cosh],
  ['expm1', tf.expm1, Math.expm1],
  ['logSigmoid', tf.logSigmoid, (x) => -Math.log1p(Math.exp(-x))],
  ['relu6', (x) => tf.relu6(tf.mul(x, 6)), (x) => Math.min(6, Math.max(0, 6 * x))],
  ['sin', tf.sin, Math.sin],
  [
    'where',
    (x) => tf.where(tf.greater(x, 0.2), tf.square(x), tf.exp(x)),
    (x) => (x > 0.2 ? x * x : Math.exp(x)),
  ],
  [
    'where, of truth values joined',
    (x) => tf.where(tf.logicalOr(tf.less(x, -0.4), tf.logicalNot(tf.lessEqual(x, 0.4))), tf.tanh(x), x),
    (x) => (x < -0.4 || x > 0.4 ? Math.tanh(x) : x),
  ],
];

/** Functions of positive numbers. */
const POSITIVE: readonly Unary[] = [['reciprocal', tf.reciprocal, (x) => 1 / x]];

type Binary = readonly [
  name: string,
  op: (a: Tensor, b: Tensor) => Tensor,
  f: (a: number, b: number) => number,
];

const BINARY: readonly Binary[] = [
  ['add', tf.add, (a, b) => a + b],
  ['sub', tf.sub, (a, b) => a - b],
  ['mul', tf.mul, (a, b) => a * b],
  ['maximum', tf.maximum, Math.max],
  ['minimum', tf.minimum, Math.min],
  ['squaredDifference', tf.squaredDifference, (a, b) => (a - b) ** 2],
  ['atan2', (a, b) => tf.atan2(a, tf.add(tf.square(b), 0.5)), (a, b) => Math.atan2(a, b * b + 0.5)],
];

const POSITIVE_BINARY: readonly Binary[] = [
  ['div', tf.div, (a, b) => a / b],
  ['pow', tf.pow, (a, b) => a ** b],
];

/** Shapes of two operands: alike, and every way of broadcasting one or both. */
const PAIRS: readonly (readonly [number[], number[]])[] = [
  [
    [3, 4],
    [3, 4],
  ],
  [[2, 3, 4], [4]],
  [
    [4, 1],
    [2, 1, 3],
  ],
  [[], [5]],
];

function holdAll(
  t: Parameters<typeof holdGradients>[0],
  functions: readonly Unary[],
  input: () => ReturnType<typeof spaced>,
): void {
  for (const [name, op, f] of functions) {
    holdGradients(t, { name, op: op as GradientCase['op'], reference: map(f), inputs: [input()] });
  }
}

test('functions of each entry', (t) => {
  holdAll(t, UNARY, () => spaced([2, 11]));
});

test('functions of positive entries', (t) => {
  holdAll(t, POSITIVE, () => spaced([13], 0.5, 2));
});

test('functions of two entries, broadcast', (t) => {
  for (const [a, b] of PAIRS) {
    for (const [name, op, f] of BINARY) {
      const title = `${name} [${a}] [${b}]`;
      holdGradients(t, {
        name: title,
        op: op as GradientCase['op'],
        reference: zip(f as never),
        inputs: [spaced(a), spaced(b)],
      });
    }
    for (const [name, op, f] of POSITIVE_BINARY) {
      const inputs = [spaced(a, 0.5, 2), spaced(b, 0.5, 2)];
      holdGradients(t, {
        name: `${name} [${a}] [${b}]`,
        op: op as GradientCase['op'],
        reference: zip(f as never),
        inputs,
      });
    }
  }
});

test('third derivatives', (t) => {
  const nested = (f: (x: Tensor) => Tensor) => tf.grad(tf.grad(tf.grad(f)));
  const cases: readonly (readonly [string, (x: Tensor) => Tensor, (x: number) => number])[] = [
    ['exp', tf.exp, Math.exp],
    ['tanh', tf.tanh, (x) => (6 * Math.tanh(x) ** 2 - 2) * (1 - Math.tanh(x) ** 2)],
    ['elu', tf.elu, (x) => (x < 0 ? Math.exp(x) : 0)],
  ];
  for (const [name, f, expected] of cases) {
    tf.tidy(() => {
      const x = tf.tensor1d([-1.3, -0.2, 0.4, 1.1]);
      const found = nested(f)(x).dataSync();
      for (const [i, value] of x.dataSync().entries()) {
        t.true(Math.abs((found[i] as number) - expected(value)) < 1e-5, name);
      }
    });
  }
});
