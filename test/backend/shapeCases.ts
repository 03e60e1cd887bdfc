/** Calls of kernels whose results have another shape than their inputs: reductions, products, copies. */
import { tf } from '../../src/tf.js';
import {
  booleans,
  CLOSE,
  type Input,
  integers,
  type KernelCase,
  normals,
  SPECIAL,
  specials,
  type Tolerance,
} from './cases.js';

const REDUCTIONS: readonly (readonly [number[], number[]])[] = [
  [[], []],
  [[1], [0]],
  [[9], [0]],
  [[3, 5], [1]],
  [[3, 5], [0]],
  [
    [3, 5],
    [0, 1],
  ],
  [[3, 5], []],
  [[40, 33], [1]],
  [[33, 40], [0]],
  [[2, 3, 4], [1]],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [
    [5, 1, 7],
    [0, 2],
  ],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 3, 2, 3, 7],
    [0, 1, 3],
  ],
  [[2, 3, 2, 3, 7], [-1]],
  [[70003], [0]],
  [[1300, 65], [0]],
  [[1300, 65], [1]],
  [[3, 500, 70], [1]],
  [[2, 9000], [0]],
  [[100000, 3], [0]],
];

function reduction(kernel: string, axisName: string, options: Partial<KernelCase> = {}): KernelCase[] {
  const plain = REDUCTIONS.flatMap(([shape, axes], i) =>
    [false, true].map((keepDims) => ({
      kernel,
      inputs: { x: normals(shape, i) },
      attrs: { [axisName]: axes, keepDims },
      ...options,
    })),
  );
  // All pairs of special values, and each of them among ordinary ones, along rows and along columns.
  const special = [pairs(40), withSpecials([SPECIAL.length, 33]), withSpecials([SPECIAL.length, 7])].flatMap(
    (x) =>
      [0, 1].map((axis) => ({
        kernel,
        inputs: { x },
        attrs: { [axisName]: [axis], keepDims: false },
        ...options,
      })),
  );
  return [...plain, ...special];
}

/** Large finite values cancel, and leave of the others what an order of summation happens to leave. */
const PAIRED = SPECIAL.filter((value) => !(Math.abs(value) > 100 && Number.isFinite(value)));

/** Rows of `width` of which two places hold one pair of special values each, and the others zeros. */
function pairs(width: number): Input {
  const n = PAIRED.length;
  const values = new Float32Array(n * n * width);
  for (let i = 0; i < n * n; i++) {
    values[i * width + (i % width)] = PAIRED[i % n] as number;
    values[i * width + ((i + 21) % width)] = PAIRED[Math.floor(i / n)] as number;
  }
  return { dtype: 'float32', shape: [n * n, width], values };
}

/** One special value in each row of ordinary numbers. */
function withSpecials(shape: [number, number]): Input {
  const input = normals(shape, 90);
  for (let i = 0; i < shape[0]; i++) {
    input.values[i * shape[1] + ((5 * i) % shape[1])] = SPECIAL[i % SPECIAL.length] as number;
  }
  return input;
}

const SUM: { tolerance: Tolerance } = { tolerance: { relative: 2e-7, absolute: 1e-10 } };
// The CPU kernel divides first and rounds every quotient.
const MEAN: { tolerance: Tolerance } = { tolerance: { relative: 1e-6, absolute: 5e-7 } };

export const REDUCE: readonly KernelCase[] = [
  ...reduction(tf.Sum, 'axis', SUM),
  ...reduction(tf.Mean, 'axis', MEAN),
  ...reduction(tf.Max, 'reductionIndices'),
  ...reduction(tf.Min, 'axis'),
  ...[
    normals([5], 1),
    normals([40, 3], 2),
    normals([2, 3, 70], 3),
    normals([3000, 10], 4),
    withSpecials([39, 20]),
  ].map((logits) => ({
    kernel: tf.Softmax,
    inputs: { logits },
    attrs: { dim: -1 },
    tolerance: { relative: 1e-6, absolute: 1e-44 },
  })),
];

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

const makers = [normals, integers, booleans];

const TRANSPOSED: readonly (readonly [number[], number[]])[] = [
  [[], []],
  [[5], [0]],
  [
    [3, 4],
    [1, 0],
  ],
  [
    [3, 4],
    [0, 1],
  ],
  [
    [130, 70],
    [1, 0],
  ],
  [
    [700, 130],
    [1, 0],
  ],
  [
    [2, 3, 4],
    [2, 1, 0],
  ],
  [
    [2, 3, 4],
    [1, 0, 2],
  ],
  [
    [2, 30, 40],
    [0, 2, 1],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 0, 2],
  ],
  [
    [2, 3, 2, 3, 7],
    [4, 2, 0, 3, 1],
  ],
];

const TILED: readonly (readonly [number[], number[]])[] = [
  [[1], [5]],
  [[3], [4]],
  [
    [1, 7],
    [500, 1],
  ],
  [
    [500, 1],
    [1, 9],
  ],
  [
    [2, 3],
    [3, 2],
  ],
  [
    [2, 1, 3],
    [1, 4, 2],
  ],
  [
    [1, 2, 1, 2, 3],
    [2, 1, 3, 1, 2],
  ],
  [
    [1, 300],
    [300, 1],
  ],
];

const SLICED: readonly (readonly [number[], number[], number[]])[] = [
  [[9], [2], [4]],
  [
    [4, 6],
    [0, 2],
    [4, 3],
  ],
  [
    [4, 6],
    [1, 0],
    [2, 6],
  ],
  [
    [2, 3, 4],
    [0, 1, 1],
    [2, 2, 3],
  ],
  [
    [2, 3, 4],
    [1, 0, 3],
    [1, 3, 1],
  ],
  [
    [2, 3, 2, 3, 7],
    [0, 1, 0, 1, 2],
    [2, 2, 2, 1, 4],
  ],
  [
    [900, 130],
    [100, 20],
    [700, 100],
  ],
];

const SPLIT: readonly (readonly [number[], number[], number])[] = [
  [[9], [2, 3, 4], 0],
  [[4, 6], [1, 5], 1],
  [[4, 6], [1, 3], 0],
  [[2, 3, 4], [2, 1], 1],
  [[1, 3, 4], [2, 1], 1],
  [[900, 130], [100, 30], 1],
];

const CONCATENATED: readonly (readonly [number[][], number])[] = [
  [[[2], [3]], 0],
  [
    [
      [2, 3],
      [2, 4],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [4, 3],
      [1, 3],
    ],
    0,
  ],
  [
    [
      [2, 3, 4],
      [2, 1, 4],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [2, 0],
      [2, 2],
    ],
    1,
  ],
  [
    [
      [700, 60],
      [700, 70],
    ],
    1,
  ],
];

const PADDED: readonly (readonly [number[], number[][]])[] = [
  [[3], [[1, 2]]],
  [
    [2, 3],
    [
      [0, 1],
      [2, 0],
    ],
  ],
  [
    [300, 200],
    [
      [1, 0],
      [3, 4],
    ],
  ],
  [
    [2, 3, 4],
    [
      [1, 1],
      [0, 0],
      [2, 3],
    ],
  ],
];

export const COPY: readonly KernelCase[] = makers.flatMap((make) => [
  ...TRANSPOSED.map(([shape, perm], i) => ({
    kernel: tf.Transpose,
    inputs: { x: make(shape, i) },
    attrs: { perm },
  })),
  ...TILED.map(([shape, reps], i) => ({ kernel: tf.Tile, inputs: { x: make(shape, i) }, attrs: { reps } })),
  ...SLICED.map(([shape, begin, size], i) => ({
    kernel: tf.Slice,
    inputs: { x: make(shape, i) },
    attrs: { begin, size },
  })),
  ...SPLIT.map(([shape, numOrSizeSplits, axis], i) => ({
    kernel: tf.SplitV,
    inputs: { x: make(shape, i) },
    attrs: { numOrSizeSplits, axis },
  })),
  ...CONCATENATED.map(([shapes, axis], i) => ({
    kernel: tf.Concat,
    inputs: shapes.map((shape, k) => make(shape, i + k)),
    attrs: { axis },
  })),
  ...PADDED.flatMap(([shape, paddings], i) =>
    [0, 1].map((constantValue) => ({
      kernel: tf.PadV2,
      inputs: { x: make(shape, i) },
      attrs: { paddings, constantValue },
    })),
  ),
  ...[[], [7], [2, 3], [2000]].flatMap((shape, i) =>
    [tf.ZerosLike, tf.OnesLike].map((kernel) => ({ kernel, inputs: { x: make(shape, i) }, attrs: {} })),
  ),
]);

export const OTHER: readonly KernelCase[] = [
  ...['float32', 'int32', 'bool'].flatMap((dtype) =>
    [[], [5], [3, 900]].map((shape) => ({ kernel: tf.Fill, inputs: {}, attrs: { shape, value: 1, dtype } })),
  ),
  ...[1, 2, 3, 4].map((count) => ({
    kernel: tf.AddN,
    inputs: Array.from({ length: count }, (_, i) => normals([700, 101], i)),
    attrs: {},
  })),
  { kernel: tf.AddN, inputs: [specials([39, 39], 'fast'), specials([39, 39], 'slow')], attrs: {}, ...CLOSE },
];
