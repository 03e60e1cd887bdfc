import test from 'ava';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { holdGradients, normals } from './law.js';
import { type Doubles, entry, filled, map, matrixProduct } from './reference/arrays.js';

test('matrix products, also of batches that are broadcast', (t) => {
  const batches: readonly (readonly [number[], number[]])[] = [
    [[], []],
    [[2], [2]],
    [[2], [1]],
    [[], [3]],
    [[2, 2], [2]],
    [[1], [2, 2]],
  ];
  for (const [left, right] of batches) {
    for (const [transposeA, transposeB] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      // Every way of broadcasting once, and every transposition of two of them.
      if (transposeA !== transposeB && left.length + right.length !== 2) continue;
      holdGradients(t, {
        name: `matMul [${left}] [${right}] ${transposeA} ${transposeB}`,
        op: (a, b) => tf.matMul(a as Tensor, b as Tensor, transposeA, transposeB),
        reference: matrixProduct(transposeA, transposeB),
        inputs: [
          normals([...left, ...(transposeA ? [3, 2] : [2, 3])]),
          normals([...right, ...(transposeB ? [4, 3] : [3, 4])]),
        ],
      });
    }
  }
});

test('a dense layer that tfjs fuses', (t) => {
  const functions = {
    linear: (x: number) => x,
    relu: (x: number) => Math.max(0, x),
    elu: (x: number) => (x < 0 ? Math.expm1(x) : x),
    sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  } as const;
  const sums = (...inputs: Doubles[]): Doubles => {
    const y = matrixProduct(false, false)(...inputs);
    return filled(y.shape, (index) => entry(y, index) + entry(inputs[2] as Doubles, index));
  };
  // Differences across the kink of relu would be none of its derivatives.
  let inputs: Doubles[];
  do {
    inputs = [normals([3, 4]), normals([4, 2]), normals([2])];
  } while (sums(...inputs).values.some((value) => Math.abs(value) < 0.05));
  for (const activation of ['linear', 'relu', 'elu', 'sigmoid'] as const) {
    holdGradients(t, {
      name: `fused matMul, ${activation}`,
      op: (a, b, bias) =>
        tf.fused.matMul({ a: a as Tensor2D, b: b as Tensor2D, bias: bias as Tensor, activation }),
      reference: (...all) => map(functions[activation])(sums(...all)),
      inputs,
    });
  }
});

test.serial('fused products compute no gradients but those that are asked for', async (t) => {
  const x = tf.ones<tf.Rank.R4>([2, 4, 4, 3]);
  const filter = tf.ones<tf.Rank.R4>([2, 2, 3, 3]);
  const [rows, weights] = [tf.ones<tf.Rank.R2>([2, 3]), tf.ones<tf.Rank.R2>([3, 4])];
  const bias = tf.ones([3]);
  const common = { strides: 1, pad: 'same', bias } as const;
  const gradients: readonly (readonly [() => Tensor, number])[] = [
    [() => tf.grad((f) => tf.fused.conv2d({ x, filter: f as typeof filter, ...common }))(filter), 1],
    [() => tf.grad((at) => tf.fused.conv2d({ x: at as typeof x, filter, ...common }))(x), 1],
    [
      () =>
        tf.grad((f) => tf.fused.depthwiseConv2d({ x, filter: f as typeof filter, strides: 1, pad: 'same' }))(
          filter,
        ),
      1,
    ],
    // The product itself, and the gradient of one of its factors.
    [() => tf.grad((w) => tf.fused.matMul({ a: rows, b: w as Tensor2D }))(weights), 2],
  ];
  for (const [gradient, expected] of gradients) {
    const { kernels } = await tf.profile(gradient);
    const names = kernels.map(({ name }) => name);
    const products = names.filter((name) => /Backprop|MatMul/.test(name));
    t.is(products.length, expected, names.join());
  }
  tf.dispose([x, filter, rows, weights, bias]);
});
