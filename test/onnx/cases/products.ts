import { type Tensor, tf } from '../../../src/tf.js';
import { bools, chosen, floats, ints } from '../support.js';
import { type Case, testCase } from './case.js';

type Activation = tf.fused.Activation;

const activations: readonly Activation[] = [
  'linear',
  'relu',
  'relu6',
  'elu',
  'sigmoid',
  'leakyrelu',
  'prelu',
];

function fused(activation: Activation, bias: boolean) {
  return (a: Tensor, b: Tensor, c: Tensor, weights: Tensor) =>
    tf.fused.matMul({
      a,
      b,
      activation,
      leakyreluAlpha: 0.3,
      ...(bias ? { bias: c } : {}),
      ...(activation === 'prelu' ? { preluActivationWeights: weights } : {}),
    });
}

function matMulCases(): Case[] {
  const cases: Case[] = [];
  for (const [left, right] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const a = left ? ([3, 'batch'] as const) : (['batch', 3] as const);
    const b = right ? [4, 3] : [3, 4];
    cases.push(
      testCase(
        `matMul ${left} ${right}`,
        (x, y) => tf.matMul(x, y, left, right),
        floats(a),
        floats(b, -1, 1, 1),
      ),
    );
    const a3 = left ? [2, 3, 5] : [2, 5, 3];
    const b3 = right ? (['batch', 1, 4, 3] as const) : (['batch', 1, 3, 4] as const);
    cases.push(
      testCase(
        `batched matMul ${left} ${right}`,
        (x, y) => tf.matMul(tf.expandDims(x, 0), tf.tile(y, [1, 2, 1, 1]), left, right),
        floats(a3),
        floats(b3, -1, 1, 1),
      ),
    );
  }
  for (const activation of activations) {
    for (const bias of [true, false]) {
      cases.push(
        testCase(
          `fused matMul, ${activation}, bias ${bias}`,
          fused(activation, bias),
          floats(['batch', 6]),
          floats([6, 4], -1, 1, 1),
          floats([4], -1, 1, 2),
          floats([4], 0, 1, 3),
        ),
      );
    }
  }
  cases.push(
    testCase('matMul of rows with themselves', (x) => tf.matMul(x, x, true, false), floats(['batch', 3])),
  );
  cases.push(testCase('gram matrix', (x) => tf.matMul(x, x, false, true), floats(['batch', 3])));
  cases.push(
    testCase('matMul through nothing', (x, y) => tf.matMul(x, y), floats(['batch', 0]), floats([0, 3])),
  );
  cases.push(
    testCase(
      'fused matMul through nothing',
      fused('relu', true),
      floats(['batch', 0]),
      floats([0, 4]),
      floats([4]),
      floats([4]),
    ),
  );
  cases.push(
    testCase(
      'batched matMul broadcast',
      (x, y) => tf.matMul(x, y),
      floats(['batch', 2, 3]),
      floats([1, 3, 4]),
    ),
  );
  return cases;
}

type Reduce = (x: Tensor, axis?: number | number[], keepDims?: boolean) => Tensor;

const reductions: Record<string, Reduce> = {
  sum: tf.sum,
  mean: tf.mean,
  max: tf.max,
  min: tf.min,
  prod: tf.prod,
  logSumExp: tf.logSumExp,
};

function reductionCases(): Case[] {
  const cases: Case[] = [];
  for (const [name, fn] of Object.entries(reductions)) {
    const x = floats(['batch', 3, 4], 0.5, 1.5);
    cases.push(testCase(`${name} of the last axis`, (t) => fn(t, -1), x));
    cases.push(testCase(`${name} of a middle axis, kept`, (t) => fn(t, 1, true), x));
    cases.push(testCase(`${name} of two axes`, (t) => fn(t, [1, 2]), x));
    cases.push(testCase(`${name} of the rows`, (t) => fn(t, 0), x));
    cases.push(testCase(`${name} of everything`, (t) => fn(t), floats(['batch', 2], 0.9, 1.1)));
    if (name === 'logSumExp') continue;
    cases.push(testCase(`${name} of whole numbers`, (t) => fn(t, 1), ints(['batch', 4], -3, 3)));
  }
  for (const name of ['max', 'min', 'sum', 'mean'] as const) {
    const specials = [
      1,
      NaN,
      2,
      3,
      -Infinity,
      4,
      Infinity,
      5,
      Infinity,
      -Infinity,
      0,
      1,
      NaN,
      Infinity,
      NaN,
      1,
      2,
      NaN,
    ];
    cases.push(
      testCase(`${name} of special values`, (t) => tf[name](t, 2), chosen(['batch', 6, 3], specials)),
    );
    cases.push(
      testCase(
        `${name} of many special values`,
        (t) => tf[name](t, 1),
        chosen(['batch', 40], [...specials.slice(6, 8), ...new Array<number>(19).fill(1)]),
      ),
    );
  }
  cases.push(
    testCase(
      'max of many with a gap',
      (t) => tf.max(t, 1),
      chosen(['batch', 37], [...new Array<number>(36).fill(2), NaN]),
    ),
  );
  cases.push(
    testCase(
      'min of many with a gap',
      (t) => tf.min(t, 1),
      chosen(['batch', 37], [NaN, ...new Array<number>(36).fill(2)]),
    ),
  );
  for (const name of ['all', 'any'] as const) {
    cases.push(testCase(`${name} of an axis`, (t) => tf[name](t, 1), bools(['batch', 3])));
    cases.push(
      testCase(`${name} of everything, kept`, (t) => tf[name](t, undefined, true), bools(['batch', 3])),
    );
  }
  for (const name of ['argMax', 'argMin'] as const) {
    cases.push(testCase(`${name} of the last axis`, (t) => tf[name](t, -1), floats(['batch', 5])));
    cases.push(testCase(`${name} with ties`, (t) => tf[name](t, 1), chosen(['batch', 4], [1, 2, 2, 1])));
    cases.push(testCase(`${name} of whole numbers`, (t) => tf[name](t, 1), ints(['batch', 5, 2], 0, 3)));
  }
  for (const exclusive of [false, true]) {
    for (const reverse of [false, true]) {
      cases.push(
        testCase(
          `cumsum ${exclusive} ${reverse}`,
          (t) => tf.cumsum(t, 1, exclusive, reverse),
          floats(['batch', 5]),
        ),
      );
      cases.push(
        testCase(
          `cumsum of a middle axis ${exclusive} ${reverse}`,
          (t) => tf.cumsum(t, 1, exclusive, reverse),
          ints(['batch', 4, 2], -3, 3),
        ),
      );
    }
  }
  cases.push(testCase('sum of truth values', (t) => tf.sum(t, 1), bools(['batch', 5])));
  cases.push(testCase('sum of nothing', (t) => tf.sum(t, 1), floats(['batch', 0])));
  cases.push(testCase('softmax', (t) => tf.softmax(t), floats(['batch', 5], -30, 30)));
  cases.push(
    testCase(
      'softmax with -Infinity',
      (t) => tf.softmax(t),
      chosen(['batch', 3], [0, -Infinity, 1, 2, 3, -Infinity]),
    ),
  );
  cases.push(testCase('logSoftmax', (t) => tf.logSoftmax(t), floats(['batch', 2, 5], -30, 30)));
  return cases;
}

export const products: readonly Case[] = [...matMulCases(), ...reductionCases()];
