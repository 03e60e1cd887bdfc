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
