import { LU_FACTOR, LU_SOLVE, TRIANGULAR_SOLVE } from '../../src/backend/hostKernels.js';
import { LEAKY_RELU_GRAD } from '../../src/gradients/activations.js';
import { tf } from '../../src/tf.js';
import { nativeTest, onEveryLevel } from '../native/support.js';
import { LARGE_CONVOLUTIONS } from './cases/convolution.js';
import { ELEMENTWISE } from './cases/elementwise.js';
import { booleans, type Input, integers, type KernelCase, normals } from './cases/inputs.js';
import { factorsOf, wellConditioned } from './cases/linearAlgebra.js';
import { describe, difference, runCase } from './run.js';

/** More elements than the kernels give to one thread, and no multiple of what they cut work into. */
const LONG = [300_007];
const WIDE = [613, 509];

const unaryKernels = new Set(
  ELEMENTWISE.filter(({ inputs }) => Object.keys(inputs).join() === 'x').map(({ kernel }) => kernel),
);

const reductions: readonly (readonly [string, string])[] = [
  [tf.Sum, 'axis'],
  [tf.Mean, 'axis'],
  [tf.Max, 'reductionIndices'],
  [tf.Min, 'axis'],
];

function positives(shape: number[], dtype: 'float32' | 'int32' = 'float32'): Input {
  const make = dtype === 'int32' ? integers : normals;
  const input = make(shape, 3);
  return { ...input, values: (input.values as Float32Array).map(Math.abs) };
}

/** Images of which one alone is work for several threads. */
function images(channels: number): KernelCase[] {
  const [large, small] = [normals([3, 161, 90, channels], 1), normals([3, 81, 45, channels], 2)];
  const windows = { filterSize: [3, 2], strides: 2, pad: 'same' };
  const sizes = { size: [161, 90], alignCorners: false, halfPixelCenters: false };
  return [
    { kernel: tf.MaxPool, inputs: { x: large }, attrs: windows },
    { kernel: tf.AvgPool, inputs: { x: large }, attrs: windows },
    { kernel: tf.MaxPoolGrad, inputs: { dy: small, input: large, output: small }, attrs: windows },
    { kernel: tf.AvgPoolGrad, inputs: { dy: small, input: large }, attrs: windows },
    ...[tf.ResizeBilinear, tf.ResizeNearestNeighbor].map((kernel) => ({
      kernel,
      inputs: { images: small },
      attrs: sizes,
    })),
    ...[tf.ResizeBilinearGrad, tf.ResizeNearestNeighborGrad].map((kernel) => ({
      kernel,
      inputs: { dy: large, images: small },
      attrs: sizes,
    })),
  ];
}

const CASES: readonly KernelCase[] = [
  { kernel: LEAKY_RELU_GRAD, inputs: { dy: normals(LONG, 1), x: normals(LONG, 2) }, attrs: { alpha: 0.2 } },
  ...[...unaryKernels].map((kernel) => ({
    kernel,
    inputs: { x: normals(LONG, 1) },
    attrs: { alpha: 0.2, clipValueMin: -1, clipValueMax: 1 },
  })),
  ...[tf.Add, tf.RealDiv, tf.Maximum].flatMap((kernel) =>
    [WIDE, [509], [613, 1]].map((b) => ({
      kernel,
      inputs: { a: normals(WIDE, 1), b: normals(b, 2) },
      attrs: {},
    })),
  ),
  { kernel: tf.Add, inputs: { a: normals([3, 1], 1), b: normals([1, 150_001], 2) }, attrs: {} },
  { kernel: tf.Greater, inputs: { a: normals(WIDE, 1), b: normals([509], 2) }, attrs: {} },
  { kernel: tf.Equal, inputs: { a: integers(WIDE, 1), b: integers([613, 1], 2) }, attrs: {} },
  { kernel: tf.LogicalOr, inputs: { a: booleans(WIDE, 1), b: booleans(WIDE, 2) }, attrs: {} },
  { kernel: tf.LogicalNot, inputs: { x: booleans(WIDE, 1) }, attrs: {} },
  { kernel: tf.Mod, inputs: { a: integers(WIDE, 1), b: integers([509], 2) }, attrs: {} },
  { kernel: tf.Neg, inputs: { x: integers(LONG, 1) }, attrs: {} },
  ...[0, 1].flatMap((axis) => [
    { kernel: tf.Prod, inputs: { x: normals(WIDE, 1) }, attrs: { axis: [axis] } },
    { kernel: tf.Sum, inputs: { x: integers(WIDE, 1) }, attrs: { axis: [axis] } },
    { kernel: tf.Any, inputs: { x: booleans(WIDE, 1) }, attrs: { axis: [axis] } },
    { kernel: tf.ArgMax, inputs: { x: normals(WIDE, 1) }, attrs: { axis } },
  ]),
  { kernel: tf.Cast, inputs: { x: booleans(LONG, 1) }, attrs: { dtype: 'float32' } },
  {
    kernel: tf.Select,
    inputs: { condition: booleans(WIDE, 1), t: normals(WIDE, 2), e: normals(WIDE, 3) },
    attrs: {},
  },
  ...reductions.flatMap(([kernel, axis]) => [
    { kernel, inputs: { x: normals(LONG, 1) }, attrs: { [axis]: [0] } },
    { kernel, inputs: { x: normals(WIDE, 1) }, attrs: { [axis]: [0] } },
    { kernel, inputs: { x: normals(WIDE, 1) }, attrs: { [axis]: [1] } },
    { kernel, inputs: { x: normals([100_003, 3], 1) }, attrs: { [axis]: [0] } },
    { kernel, inputs: { x: normals([3, 9000], 1) }, attrs: { [axis]: [0] } },
    { kernel, inputs: { x: normals([50, 300, 20], 1) }, attrs: { [axis]: [1] } },
    { kernel, inputs: { x: normals([50, 300, 20], 1) }, attrs: { [axis]: [0, 2] } },
  ]),
  { kernel: tf.Softmax, inputs: { logits: normals([30_011, 10], 1) }, attrs: { dim: -1 } },
  ...[
    [normals([613, 70], 1), normals([70, 109], 2)],
    [normals([13, 700], 1), normals([700, 509], 2)],
    [normals([2000, 300], 1), normals([300, 8], 2)],
    [normals([31, 90, 40], 1), normals([31, 40, 50], 2)],
  ].map(([a, b]) => ({ kernel: tf.BatchMatMul, inputs: { a, b } as KernelCase['inputs'], attrs: {} })),
  {
    kernel: tf._FusedMatMul,
    inputs: { a: normals([613, 70], 1), b: normals([70, 109], 2), bias: normals([109], 3) },
    attrs: { activation: 'sigmoid' },
  },
  ...[
    [700, 16],
    [150, 33],
    [2, 300],
  ].flatMap(([batch = 0, n = 0]) => [
    { kernel: LU_FACTOR, inputs: { a: wellConditioned(batch, n) }, attrs: {} },
    {
      kernel: LU_SOLVE,
      inputs: { ...factorsOf(batch, n), b: normals([batch, n, 40], 1) },
      attrs: { transpose: true },
    },
    {
      kernel: TRIANGULAR_SOLVE,
      inputs: { t: factorsOf(batch, n).lu, b: normals([batch, n, 40], 1) },
      attrs: { lower: false },
    },
  ]),
  ...LARGE_CONVOLUTIONS,
  ...[3, 16].flatMap((channels) => images(channels)),
  {
    kernel: tf.FusedBatchNorm,
    inputs: { x: normals([9, 40, 50, 21], 1), mean: normals([21], 2), variance: positives([21]) },
    attrs: {},
  },
  {
    kernel: tf.UnsortedSegmentSum,
    inputs: { x: normals([4000, 80], 1), segmentIds: integers([4000], 2) },
    attrs: { numSegments: 5 },
  },
  {
    kernel: tf.GatherV2,
    inputs: { x: normals([3, 70, 60], 1), indices: positives([2000], 'int32') },
    attrs: { axis: 1, batchDims: 0 },
  },
  { kernel: tf.Pow, inputs: { a: normals(WIDE, 1), b: normals([509], 2) }, attrs: {} },
  { kernel: tf.Transpose, inputs: { x: normals(WIDE, 1) }, attrs: { perm: [1, 0] } },
  { kernel: tf.Tile, inputs: { x: normals([1, 509], 1) }, attrs: { reps: [613, 1] } },
  { kernel: tf.Concat, inputs: [normals(WIDE, 1), normals(WIDE, 2)], attrs: { axis: 1 } },
];

nativeTest('the same bits on 1, 2 and 3 threads, on every path', (t, addon) => {
  for (const given of CASES) {
    onEveryLevel(addon, (level) => {
      addon.setThreads(1);
      const alone = runCase('native', given);
      for (const threads of [2, 3]) {
        addon.setThreads(threads);
        const wrong = difference(runCase('native', given), alone);
        if (wrong !== undefined) t.fail(`${threads} threads, ${level}: ${describe(given)}: ${wrong}`);
      }
    });
  }
  t.pass();
});

nativeTest('sums are the same bits on every path', (t, addon) => {
  for (const given of CASES.filter(({ kernel }) => kernel === tf.Sum || kernel === tf.Mean)) {
    const widest = runCase('native', given);
    onEveryLevel(addon, (level) => {
      const wrong = difference(runCase('native', given), widest);
      if (wrong !== undefined) t.fail(`${level}: ${describe(given)}: ${wrong}`);
    });
  }
  t.pass();
});

nativeTest('what threads share is what one backend alone computes', (t, addon) => {
  addon.setThreads(2);
  const some = CASES.filter(({ kernel }) =>
    [tf.Add, tf.Sum, tf.Max, tf.Transpose, tf.Concat].includes(kernel as never),
  );
  for (const given of some) {
    const tolerance = { relative: 2e-7, absolute: 1e-9 };
    t.is(difference(runCase('native', given), runCase('cpu', given), tolerance), undefined, describe(given));
  }
});
