/** Calls of kernels with int32 and bool whose results are no copies, and of those that look for places. */
import { tf } from '../../../src/tf.js';
import { BROADCASTS } from './elementwise.js';
import {
  booleans,
  CLOSE,
  type Input,
  integers,
  type KernelCase,
  normals,
  SPECIAL,
  withSpecials,
} from './inputs.js';
import { MEAN, REDUCTIONS } from './reduce.js';

function listed(values: readonly number[], shape: number[]): Input {
  return { dtype: 'int32', shape, values: Int32Array.from(values) };
}

/** Ends of int32, of products that fit it, of quotients. */
const WIDE = [0, 1, -1, 2, -3, 7, -8, 46341, -65536, 1 << 30, 2147483647, -2147483647, -2147483648];
/** Products with the others are below 2^53, up to which JavaScript's are not rounded. */
const NARROW = WIDE.filter((value) => Math.abs(value) < 1 << 20);

/** Every number of one list with every one of the other, and numbers broadcast. */
function binary(kernel: string, a: readonly number[] = WIDE, b: readonly number[] = a): KernelCase[] {
  const pairs = { a: listed(a, [a.length, 1]), b: listed(b, [1, b.length]) };
  return [
    { kernel, inputs: pairs, attrs: {} },
    ...BROADCASTS.map(([first, second], i) => ({
      kernel,
      inputs: { a: integers(first, i), b: integers(second, 50 + i) },
      attrs: {},
    })),
  ];
}

function unary(kernel: string, values: readonly number[], attrs: KernelCase['attrs'] = {}): KernelCase[] {
  const inputs = [
    listed(values, [values.length]),
    integers([], 1),
    integers([3, 5], 2),
    integers([70001], 3),
  ];
  return inputs.map((x) => ({ kernel, inputs: { x }, attrs }));
}

/** Products are powers of two: exact in double, whatever their order. */
function powers(shape: number[], stream: number): Input {
  const { values } = integers(shape, stream);
  return { dtype: 'int32', shape, values: values.map((value) => (value === 4 ? 2 : value < 0 ? -1 : 1)) };
}

function reduction(
  kernel: string,
  make: (shape: number[], stream: number) => Input,
  options: Partial<KernelCase> = {},
  axisName = 'axis',
): KernelCase[] {
  return REDUCTIONS.map(([shape, axes], i) => ({
    kernel,
    inputs: { x: make(shape, i) },
    attrs: { [axisName]: axes, keepDims: i % 2 === 0 },
    ...options,
  }));
}

function places(kernel: string): KernelCase[] {
  const along = REDUCTIONS.flatMap(([shape, axes], i) =>
    axes.length === 1
      ? [normals, integers].map((make) => ({
          kernel,
          inputs: { x: make(shape, i) },
          attrs: { axis: axes[0] },
        }))
      : [],
  );
  const special = [0, 1].map((axis) => ({
    kernel,
    inputs: { x: withSpecials([SPECIAL.length, 33]) },
    attrs: { axis },
  }));
  return [...along, ...special];
}

export const INTEGERS: readonly KernelCase[] = [
  ...[tf.Add, tf.Sub, tf.FloorDiv, tf.Mod, tf.Maximum, tf.Minimum].flatMap((kernel) => binary(kernel)),
  ...binary(tf.Multiply, WIDE, NARROW),
  ...binary(tf.SquaredDifference, NARROW),
  ...[3, 4].map((count) => ({
    kernel: tf.AddN,
    inputs: Array.from({ length: count }, (_, i) => integers([70, 101], i)),
    attrs: {},
  })),
  ...[tf.Neg, tf.Relu, tf.Relu6, tf.Sign].flatMap((kernel) => unary(kernel, WIDE)),
  ...unary(tf.ClipByValue, WIDE, { clipValueMin: -3, clipValueMax: 7 }),
  ...unary(tf.ClipByValue, WIDE, { clipValueMin: -0.5, clipValueMax: 2.5 }),
  ...unary(tf.Step, WIDE, { alpha: -2 }),
  // The CPU kernels keep these as float32.
  ...[tf.Abs, tf.Square].flatMap((kernel) =>
    unary(
      kernel,
      NARROW.filter((value) => Math.abs(value) < 4096),
    ),
  ),
  ...unary(tf.Exp, [0, 1, -1, 2, 20, -80]).map((given) => ({ ...given, ...CLOSE })),
  ...[tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual].flatMap((kernel) =>
    BROADCASTS.map(([a, b], i) => ({
      kernel,
      inputs: { a: booleans(a, i), b: booleans(b, 50 + i) },
      attrs: {},
    })),
  ),
  ...[[], [7], [2, 3, 4], [70001]].map((shape, i) => ({
    kernel: tf.Cast,
    inputs: { x: booleans(shape, i) },
    attrs: { dtype: 'int32' },
  })),
  ...reduction(tf.Sum, integers),
  { kernel: tf.Sum, inputs: { x: listed(WIDE, [WIDE.length]) }, attrs: { axis: [0] } },
  ...reduction(tf.Max, integers, {}, 'reductionIndices'),
  ...reduction(tf.Min, integers),
  ...reduction(tf.Prod, powers),
  ...reduction(tf.Prod, normals),
  ...reduction(tf.Mean, integers, MEAN),
  ...reduction(tf.Mean, booleans, MEAN),
  ...reduction(tf.All, booleans),
  ...reduction(tf.Any, booleans),
  ...[tf.ArgMax, tf.ArgMin].flatMap(places),
  {
    kernel: tf.UnsortedSegmentSum,
    inputs: { x: integers([9, 3], 1), segmentIds: listed([0, 3, 1, 1, 0, 2, 3, 3, 0], [9]) },
    attrs: { numSegments: 4 },
  },
  {
    kernel: tf.ResizeBilinear,
    inputs: { images: integers([2, 5, 4, 3], 1) },
    attrs: { size: [7, 3], alignCorners: false, halfPixelCenters: true },
    tolerance: { relative: 1e-6, absolute: 1e-6 },
  },
];
