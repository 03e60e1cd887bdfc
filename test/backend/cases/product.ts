/** Calls of the matrix products. */
import { tf } from '../../../src/tf.js';
import { type Input, type KernelCase, normals, withSpecials } from './inputs.js';

interface Product {
  readonly a: number[];
  readonly b: number[];
}

const PRODUCTS: readonly Product[] = [
  { a: [1, 1], b: [1, 1] },
  { a: [2, 3], b: [3, 4] },
  { a: [1, 70], b: [70, 1] },
  { a: [13, 5], b: [5, 33] },
  { a: [31, 300], b: [300, 17] },
  { a: [100, 64], b: [64, 100] },
  { a: [29, 530], b: [530, 290] },
  { a: [300, 9], b: [9, 101] },
  { a: [330, 70], b: [70, 290] },
  { a: [14, 5], b: [5, 5000] },
  { a: [4, 7, 5], b: [4, 5, 6] },
  { a: [1, 7, 5], b: [4, 5, 6] },
  { a: [4, 7, 5], b: [5, 6] },
  { a: [3, 2, 40, 50], b: [3, 2, 50, 60] },
  { a: [2, 1, 7, 5], b: [1, 1, 5, 3] },
  { a: [300, 3, 4], b: [300, 4, 40] },
];

function transposed(shape: readonly number[]): number[] {
  return [...shape.slice(0, -2), shape[shape.length - 1] as number, shape[shape.length - 2] as number];
}

function product(
  kernel: string,
  { a, b }: Product,
  { bias, slope, attrs }: { bias?: Input; slope?: Input; attrs?: KernelCase['attrs'] } = {},
): KernelCase[] {
  const inner = a[a.length - 1] as number;
  return [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      kernel,
      inputs: {
        a: normals(transposeA ? transposed(a) : a, 1),
        b: normals(transposeB ? transposed(b) : b, 2),
        ...(bias === undefined ? {} : { bias }),
        ...(slope === undefined ? {} : { preluActivationWeights: slope }),
      },
      attrs: { ...attrs, transposeA, transposeB },
      // Products of N(0, 1) numbers: rounding errors of `inner` terms of size 1.
      tolerance: { relative: 1e-6, absolute: 3e-6 * Math.sqrt(inner) },
    })),
  );
}

const FUSED: readonly Product[] = [
  { a: [2, 3], b: [3, 4] },
  { a: [100, 64], b: [64, 100] },
  { a: [4, 7, 5], b: [1, 5, 6] },
  { a: [13, 300], b: [300, 37] },
];

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'leakyrelu', 'sigmoid', 'prelu'];

export const PRODUCT: readonly KernelCase[] = [
  ...PRODUCTS.flatMap((shapes) => product(tf.BatchMatMul, shapes)),
  // NaN and infinities reach the rows and columns they belong to, and no others.
  {
    kernel: tf.BatchMatMul,
    inputs: { a: withSpecials([30, 20]), b: normals([20, 37], 3) },
    attrs: { transposeA: false, transposeB: false },
    tolerance: { relative: 1e-6, absolute: 1e-5 },
  },
  ...ACTIVATIONS.flatMap((activation) =>
    FUSED.flatMap((shapes) =>
      product(tf._FusedMatMul, shapes, {
        bias: normals([shapes.b[shapes.b.length - 1] as number], 4),
        attrs: { activation, leakyreluAlpha: 0.3 },
        ...(activation === 'prelu' ? { slope: normals([1], 5) } : {}),
      }),
    ),
  ),
  ...product(tf._FusedMatMul, { a: [6, 5], b: [5, 7] }, { attrs: { activation: 'relu' } }),
  ...product(tf._FusedMatMul, { a: [6, 5], b: [5, 7] }, { bias: normals([1, 7], 6) }),
  ...product(tf._FusedMatMul, { a: [6, 5], b: [5, 7] }, { bias: normals([6, 7], 6) }),
  ...product(tf._FusedMatMul, { a: [6, 5], b: [5, 7] }, { bias: normals([], 6) }),
];
