import test from 'ava';
import { type Tensor, tf } from '../../src/tf.js';
import { type GradientCase, holdGradients, normals, spaced } from './law.js';
import { erf, map, sigmoid, zip } from './reference/arrays.js';

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

type Unary = readonly [name: string, op: (x: Tensor) => Tensor, f: (x: number) => number];

/** Functions of any number; the spaced inputs stay clear of their kinks. */
const UNARY: readonly Unary[] = [
  ['abs', tf.abs, Math.abs],
  ['atan', tf.atan, Math.atan],
  ['cast', (x) => tf.cast(x, 'float32'), (x) => x],
  ['clipByValue', (x) => tf.clipByValue(x, -0.61, 0.57), (x) => Math.min(0.57, Math.max(-0.61, x))],
  ['cos', tf.cos, Math.cos],
  ['cosh', tf.cosh, Math.cosh],
  ['elu', tf.elu, (x) => (x < 0 ? Math.expm1(x) : x)],
  ['erf', tf.erf, erf],
  ['exp', tf.exp, Math.exp],
  ['expm1', tf.expm1, Math.expm1],
  ['floor of a product', (x) => tf.mul(x, tf.floor(tf.mul(x, 1.1))), (x) => x * Math.floor(1.1 * x)],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.2), (x) => (x < 0 ? 0.2 * x : x)],
  ['logSigmoid', tf.logSigmoid, (x) => -Math.log1p(Math.exp(-x))],
  ['neg', tf.neg, (x) => -x],
  ['relu', tf.relu, (x) => Math.max(0, x)],
  ['relu6', (x) => tf.relu6(tf.mul(x, 6)), (x) => Math.min(6, Math.max(0, 6 * x))],
  ['selu', tf.selu, (x) => SELU_SCALE * (x < 0 ? SELU_ALPHA * Math.expm1(x) : x)],
  ['sigmoid', tf.sigmoid, sigmoid],
  ['sin', tf.sin, Math.sin],
  ['softplus', tf.softplus, (x) => Math.log1p(Math.exp(x))],
  ['square', tf.square, (x) => x * x],
  ['step times x', (x) => tf.mul(x, tf.step(x, 0.3)), (x) => (x < 0 ? 0.3 * x : x)],
  ['tanh', tf.tanh, Math.tanh],
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
const POSITIVE: readonly Unary[] = [
  ['log', tf.log, Math.log],
  ['log1p', tf.log1p, Math.log1p],
  ['reciprocal', tf.reciprocal, (x) => 1 / x],
  ['rsqrt', tf.rsqrt, (x) => x ** -0.5],
  ['sqrt', tf.sqrt, Math.sqrt],
];

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

test('a slope of its own for each channel', (t) => {
  for (const alpha of [[4], [3, 4], [1, 1]]) {
    holdGradients(t, {
      name: `prelu [${alpha}]`,
      op: (x, slope) => tf.prelu(x as Tensor, slope as Tensor),
      reference: zip((x, slope) => ((x as number) < 0 ? (slope as number) * (x as number) : (x as number))),
      inputs: [spaced([2, 3, 4]), normals(alpha)],
    });
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
