import { type Tensor, tf } from '../../../src/tf.js';
import { bools, chosen, floats, ints, special } from '../support.js';
import { type Case, testCase } from './case.js';

type Unary = (x: Tensor) => Tensor;

/** Operators over all float32, with a range that shows their shape. */
const everywhere: Record<string, readonly [Unary, number, number]> = {
  abs: [tf.abs, -3, 3],
  neg: [tf.neg, -3, 3],
  sign: [tf.sign, -3, 3],
  exp: [tf.exp, -20, 20],
  expm1: [tf.expm1, -5, 5],
  log: [tf.log, 1e-3, 10],
  log1p: [tf.log1p, -0.99, 10],
  sqrt: [tf.sqrt, 0, 10],
  rsqrt: [tf.rsqrt, 0.1, 10],
  square: [tf.square, -3, 3],
  reciprocal: [tf.reciprocal, 0.1, 3],
  tanh: [tf.tanh, -6, 6],
  sigmoid: [tf.sigmoid, -20, 20],
  atan: [tf.atan, -5, 5],
  erf: [tf.erf, -4, 4],
  floor: [tf.floor, -5, 5],
  ceil: [tf.ceil, -5, 5],
  round: [tf.round, -5, 5],
  isNaN: [tf.isNaN, -1, 1],
  isInf: [tf.isInf, -1, 1],
  isFinite: [tf.isFinite, -1, 1],
  relu: [tf.relu, -3, 3],
  relu6: [tf.relu6, -3, 9],
  elu: [tf.elu, -5, 5],
  selu: [tf.selu, -5, 5],
  leakyRelu: [(x) => tf.leakyRelu(x, 0.3), -3, 3],
  softplus: [tf.softplus, -30, 30],
  step: [(x) => tf.step(x, -0.5), -3, 3],
  clip: [(x) => tf.clipByValue(x, -1, 2), -3, 3],
  toInt: [(x) => tf.cast(x, 'int32'), -5, 5],
  toBool: [(x) => tf.cast(x, 'bool'), -1, 1],
  prelu: [(x) => tf.prelu(x, tf.scalar(0.2)), -3, 3],
};

/** Operators on a part of the line. */
const inside: Record<string, readonly [Unary, number, number]> = {
  sin: [tf.sin, -10, 10],
  cos: [tf.cos, -10, 10],
  tan: [tf.tan, -1.4, 1.4],
  asin: [tf.asin, -1, 1],
  acos: [tf.acos, -1, 1],
  sinh: [tf.sinh, -8, 8],
  cosh: [tf.cosh, -8, 8],
  asinh: [tf.asinh, -8, 8],
  acosh: [tf.acosh, 1, 8],
  atanh: [tf.atanh, -0.95, 0.95],
};

/** Small values count in full: the function times a large factor. */
const magnified: Record<string, Unary> = {
  log1p: (x) => tf.log1p(x),
  expm1: (x) => tf.expm1(x),
  asinh: (x) => tf.asinh(x),
  tanh: (x) => tf.tanh(x),
  softplus: (x) => tf.mul(tf.softplus(tf.sub(x, 60)), 1e26),
};

/** Operators that tfjs runs on whole numbers too. */
const wholes: Record<string, Unary> = {
  abs: tf.abs,
  neg: tf.neg,
  sign: tf.sign,
  square: tf.square,
  floor: (x) => tf.engine().runKernel('Floor', { x }),
  round: tf.round,
  relu: tf.relu,
  clip: (x) => tf.clipByValue(x, -2, 3),
  toFloat: (x) => tf.cast(x, 'float32'),
  toBool: (x) => tf.cast(x, 'bool'),
  exp: tf.exp,
};

type Binary = (a: Tensor, b: Tensor) => Tensor;

const arithmetic: Record<string, Binary> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  maximum: tf.maximum,
  minimum: tf.minimum,
  mod: tf.mod,
  floorDiv: tf.floorDiv,
  squaredDifference: tf.squaredDifference,
};

const comparisons: Record<string, Binary> = {
  equal: tf.equal,
  notEqual: tf.notEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
};

const logical: Record<string, Binary> = {
  and: tf.logicalAnd,
  or: tf.logicalOr,
  xor: tf.logicalXor,
};

const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));

function unaryCases(): Case[] {
  const cases: Case[] = [];
  for (const [name, [fn, low, high]] of Object.entries({ ...everywhere, ...inside })) {
    cases.push(testCase(`${name} of a matrix`, fn, floats(['batch', 5], low, high)));
  }
  for (const [name, [fn]] of Object.entries(everywhere)) {
    cases.push(testCase(`${name} of special values`, fn, chosen(['batch', special.length], special)));
  }
  for (const [name, fn] of Object.entries(magnified)) {
    const large = (x: Tensor) => tf.mul(fn(tf.mul(x, 1e-12)), 1e12);
    cases.push(
      testCase(`${name} of small values`, name === 'softplus' ? fn : large, floats(['batch', 5], -2, 2)),
    );
  }
  for (const [name, fn] of Object.entries(wholes)) {
    cases.push(testCase(`${name} of whole numbers`, fn, ints(['batch', 4], -5, 5)));
  }
  cases.push(testCase('round of halves', tf.round, chosen(['batch', 6], [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])));
  cases.push(testCase('truth as numbers', (x) => tf.cast(x, 'float32'), bools(['batch', 3])));
  cases.push(testCase('truth as whole numbers', (x) => tf.cast(x, 'int32'), bools(['batch', 3])));
  cases.push(testCase('not', tf.logicalNot, bools(['batch', 3])));
  cases.push(testCase('prelu by column', tf.prelu, floats(['batch', 3]), floats([3], 0, 1)));
  return cases;
}

function binaryCases(): Case[] {
  const cases: Case[] = [];
  const sharp = [
    ['a', ['batch', pairs.length], pairs.map(([a]) => a)],
    ['b', [pairs.length], pairs.map(([, b]) => b)],
  ] as const;
  for (const [name, fn] of Object.entries({ ...arithmetic, div: tf.div, ...comparisons })) {
    const low = name === 'mod' || name === 'floorDiv' || name === 'div' ? 0.5 : -3;
    cases.push(
      testCase(`${name} of rows and a vector`, fn, floats(['batch', 4], -3, 3), floats([4], low, 3, 1)),
    );
    cases.push(
      testCase(
        `${name} of a column and rows`,
        fn,
        floats(['batch', 1], -3, 3),
        floats(['batch', 4], low, 3, 1),
      ),
    );
    cases.push(
      testCase(`${name} of a scalar and a cube`, fn, floats([], -3, 3), floats(['batch', 2, 3], low, 3, 1)),
    );
    cases.push(testCase(`${name} of whole numbers`, fn, ints(['batch', 6], -5, 5), ints([6], -3, 3, 1)));
    if (name === 'mod') continue;
    cases.push(
      testCase(
        `${name} of special values`,
        fn,
        chosen(sharp[0][1], sharp[0][2]),
        chosen(sharp[1][1], sharp[1][2]),
      ),
    );
  }
  for (const [name, fn] of Object.entries(logical)) {
    cases.push(testCase(`${name} of truth values`, fn, bools(['batch', 6]), bools(['batch', 6], 1)));
  }
  for (const name of ['equal', 'notEqual', 'less'] as const) {
    cases.push(testCase(`${name} of truth values`, tf[name], bools(['batch', 6]), bools([6], 1)));
  }
  cases.push(
    testCase(
      'mod of every sign',
      tf.mod,
      chosen(['batch', 4], [5, -5, 5.5, -5.5]),
      chosen(['batch', 4], [3, 3, -3, -3]),
    ),
  );
  cases.push(
    testCase(
      'mod of the same signs',
      tf.mod,
      chosen(['batch', 4], [-7, 7, 0, 0]),
      chosen([4], [-3, 3, -3, 3]),
    ),
  );
  cases.push(testCase('pow', tf.pow, floats(['batch', 4], 0.1, 3), floats([4], -2, 2, 1)));
  cases.push(
    testCase(
      'sum of three',
      (a, b) => tf.addN([a, b, a]),
      floats(['batch', 4]),
      floats(['batch', 4], -1, 1, 1),
    ),
  );
  cases.push(testCase('sum of one', (a) => tf.addN([a]), floats(['batch', 4])));
  cases.push(testCase('sum of whole tensors', (a) => tf.addN([a, a]), ints(['batch', 4], -3, 3)));
  cases.push(testCase('pow of whole numbers', tf.pow, ints(['batch', 4], -3, 3), ints([4], 0, 4, 1)));
  cases.push(testCase('product of truth values', tf.mul, bools(['batch', 4]), bools([4], 1)));
  return cases;
}

export const elementwise: readonly Case[] = [...unaryCases(), ...binaryCases()];
