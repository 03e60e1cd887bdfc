import { tf } from '../../src/tf.js';
import { nativeTest } from '../native/support.js';
import { booleans, type Input, normals } from './cases/inputs.js';
import { difference, type Output, outputsOn } from './run.js';

type Loss = (...tensors: tf.Tensor[]) => tf.Tensor;

/** A choice that no gradient goes through: tfjs has none of comparisons. */
const mask = () => tf.tensor2d(booleans([4, 5], 8).values, [4, 5], 'bool');

/** Functions whose gradients run through the replaced kernels, with the shapes of what they take. */
const LOSSES: readonly (readonly [string, Loss, readonly number[][]])[] = [
  [
    'products',
    (a, b) => tf.matMul(tf.matMul(a, b), a, true),
    [
      [9, 5],
      [5, 9],
    ],
  ],
  [
    'batches of products',
    (a, b) => tf.matMul(a, b, false, true),
    [
      [3, 4, 5],
      [3, 7, 5],
    ],
  ],
  [
    'broadcasts',
    (a, b) => tf.div(tf.mul(tf.add(a, b), tf.sub(a, b)), tf.add(tf.square(b), 1)),
    [[6, 5], [5]],
  ],
  [
    'broadcast over the first dimensions',
    (a, b) => tf.mul(a, b),
    [
      [2, 3, 4],
      [3, 1],
    ],
  ],
  ['greatest and least', (a, b) => tf.add(tf.maximum(a, b), tf.minimum(tf.square(a), b)), [[40], [40]]],
  [
    'squares of differences',
    (a, b) => tf.squaredDifference(a, b),
    [
      [4, 5],
      [4, 5],
    ],
  ],
  ['tanh and sigmoid', (a) => tf.mul(tf.tanh(a), tf.sigmoid(a)), [[50]]],
  ['softplus, exp, log', (a) => tf.log(tf.add(tf.exp(a), tf.softplus(a))), [[50]]],
  ['log1p, expm1, erf', (a) => tf.add(tf.log1p(tf.square(a)), tf.add(tf.expm1(a), tf.erf(a))), [[50]]],
  ['roots', (a) => tf.add(tf.sqrt(tf.add(tf.square(a), 1)), tf.rsqrt(tf.add(tf.square(a), 2))), [[50]]],
  ['relu, leakyRelu, elu', (a) => tf.add(tf.relu(a), tf.add(tf.leakyRelu(a, 0.1), tf.elu(a))), [[50]]],
  ['abs, neg, reciprocal', (a) => tf.add(tf.abs(a), tf.reciprocal(tf.add(tf.neg(tf.abs(a)), -1))), [[50]]],
  ['clips', (a) => tf.mul(tf.clipByValue(a, -0.5, 0.5), a), [[50]]],
  ['sums and means', (a) => tf.mul(tf.sum(a, 1, true), tf.mean(tf.square(a), [0, 2], true)), [[3, 4, 5]]],
  ['extremes', (a) => tf.add(tf.max(a, 1), tf.min(a, 1)), [[6, 7]]],
  ['softmax', (a) => tf.square(tf.softmax(a)), [[6, 7]]],
  ['logSoftmax', (a) => tf.mul(tf.logSoftmax(a), 0.3), [[6, 7]]],
  ['logSumExp', (a) => tf.logSumExp(a, 1), [[6, 7]]],
  [
    'choice',
    (a, b) => tf.where(mask(), a, tf.mul(a, b)),
    [
      [4, 5],
      [4, 5],
    ],
  ],
  [
    'copies',
    (a, b) => tf.square(tf.transpose(tf.concat([tf.slice(a, [0, 1], [4, 2]), b], 1))),
    [
      [4, 5],
      [4, 3],
    ],
  ],
  [
    'padding and tiles',
    (a) =>
      tf.square(
        tf.tile(
          tf.pad(a, [
            [1, 0],
            [0, 2],
          ]),
          [2, 1],
        ),
      ),
    [[3, 4]],
  ],
  ['splits', (a) => tf.mul(...(tf.split(a, 2, 1) as [tf.Tensor, tf.Tensor])), [[5, 6]]],
];

/** The value and every gradient of Σ loss · weights on one backend. */
function pullBack(backend: string, loss: Loss, inputs: readonly Input[]): Output[] {
  return outputsOn(backend, () => {
    const tensors = inputs.map(({ values, shape }) => tf.tensor(values.slice(), shape));
    const weighted = (...args: tf.Tensor[]): tf.Scalar => {
      const result = loss(...args);
      return tf.sum(tf.mul(result, tf.tensor(normals(result.shape, 99).values, result.shape)));
    };
    const { value, grads } = tf.valueAndGrads(weighted)(tensors);
    return [value, ...grads];
  });
}

for (const [name, loss, shapes] of LOSSES) {
  nativeTest(`gradients are those of the CPU backend: ${name}`, (t) => {
    const inputs = shapes.map((shape, i) => normals(shape, i));
    const tolerance = { relative: 1e-5, absolute: 1e-5 };
    t.is(difference(pullBack('native', loss, inputs), pullBack('cpu', loss, inputs), tolerance), undefined);
  });
}

nativeTest('a dense layer fused by tfjs has the gradients of its parts', (t) => {
  const inputs = [normals([12, 7], 1), normals([7, 5], 2), normals([5], 3)];
  const tolerance = { relative: 1e-5, absolute: 1e-5 };
  for (const activation of ['linear', 'relu', 'elu', 'sigmoid', 'leakyrelu'] as const) {
    const fused: Loss = (a, b, bias) =>
      tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, bias: bias as tf.Tensor, activation });
    t.is(difference(pullBack('native', fused, inputs), pullBack('cpu', fused, inputs), tolerance), undefined);
  }
});
