import test from 'ava';
import { type Tensor, type Tensor2D, tf } from '../../src/tf.js';
import { type GradientCase, holdGradients, normals } from './law.js';
import { type Doubles, entry, filled, sumOver } from './reference/arrays.js';

/** a [..., n, k] · b [..., k, m], each of them as it stands or transposed, and their batches broadcast. */
function product(transposeA: boolean, transposeB: boolean): GradientCase['reference'] {
  return (...inputs) => {
    const [a, b] = inputs as [Doubles, Doubles];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [n, k] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
    const m = transposeB ? b.shape.at(-2) : b.shape.at(-1);
    return filled([...batch, n as number, m as number], (index) => {
      const outer = index.slice(0, -2);
      const [row, column] = index.slice(-2) as [number, number];
      return sumOver([k as number], ([i]) => {
        const left = entry(a, [...outer, ...(transposeA ? [i, row] : [row, i])] as number[]);
        return left * entry(b, [...outer, ...(transposeB ? [column, i] : [i, column])] as number[]);
      });
    });
  };
}

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
      holdGradients(t, {
        name: `matMul [${left}] [${right}] ${transposeA} ${transposeB}`,
        op: (a, b) => tf.matMul(a as Tensor, b as Tensor, transposeA, transposeB),
        reference: product(transposeA, transposeB),
        inputs: [
          normals([...left, ...(transposeA ? [3, 2] : [2, 3])]),
          normals([...right, ...(transposeB ? [4, 3] : [3, 4])]),
        ],
      });
    }
  }
});

test('a dense layer that tfjs fuses', (t) => {
  for (const activation of ['linear', 'relu', 'elu', 'sigmoid'] as const) {
    const functions = {
      linear: (x: number) => x,
      relu: (x: number) => Math.max(0, x),
      elu: (x: number) => (x < 0 ? Math.expm1(x) : x),
      sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
    };
    holdGradients(t, {
      name: `fused matMul, ${activation}`,
      op: (a, b, bias) =>
        tf.fused.matMul({ a: a as Tensor2D, b: b as Tensor2D, bias: bias as Tensor, activation }),
      reference: (a, b, bias) => {
        const y = product(false, false)(a as Doubles, b as Doubles);
        return filled(y.shape, (index) =>
          functions[activation](entry(y, index) + entry(bias as Doubles, index)),
        );
      },
      inputs: [normals([3, 4]), normals([4, 2]), normals([2])],
    });
  }
});
