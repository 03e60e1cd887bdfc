/** Calls of the reductions, and of softmax. */
import { tf } from '../../../src/tf.js';
import { type Input, type KernelCase, normals, SPECIAL, type Tolerance, withSpecials } from './inputs.js';

/** Shapes, and the axes that go. */
export const REDUCTIONS: readonly (readonly [number[], number[]])[] = [
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
  [[200, 5], [1]],
  [[130, 15], [1]],
  [[130, 16], [1]],
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
  const special = [
    pairs(40),
    pairs(8),
    withSpecials([SPECIAL.length, 33]),
    withSpecials([SPECIAL.length, 7]),
  ].flatMap((x) =>
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

const SUM: { tolerance: Tolerance } = { tolerance: { relative: 2e-7, absolute: 1e-10 } };
// The CPU kernel divides first and rounds every quotient.
export const MEAN: { tolerance: Tolerance } = { tolerance: { relative: 1e-6, absolute: 5e-7 } };

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
