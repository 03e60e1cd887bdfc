/** Calls of the kernels that pool, resize and normalise images, and of their gradients. */
import { tf } from '../../../src/tf.js';
import { type Input, type KernelCase, normals, SPECIAL, specials, type Tolerance } from './inputs.js';

type Shape4D = [number, number, number, number];
type Pad = 'same' | 'valid' | number | [number, number][];

interface Pooling {
  readonly x: Shape4D;
  readonly filterSize: number | [number, number];
  readonly strides?: number | [number, number];
  readonly pad?: Pad;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const POOLINGS: readonly Pooling[] = [
  { x: [1, 2, 2, 1], filterSize: 2 },
  { x: [2, 6, 4, 1], filterSize: 2, strides: 2 },
  { x: [3, 5, 7, 3], filterSize: [3, 2], strides: 2, pad: 'same' },
  { x: [2, 7, 6, 5], filterSize: 3, strides: [2, 1], pad: 'same' },
  { x: [2, 9, 8, 16], filterSize: 2, strides: 2 },
  { x: [2, 5, 5, 21], filterSize: 3, pad: 'same' },
  { x: [1, 7, 7, 40], filterSize: 7 },
  { x: [2, 5, 4, 6], filterSize: 3, strides: 2, pad: 1, dimRoundingMode: 'floor' },
  { x: [2, 6, 5, 4], filterSize: 2, strides: 3 },
  {
    x: [2, 4, 5, 17],
    filterSize: [2, 3],
    pad: [
      [0, 0],
      [1, 0],
      [0, 2],
      [0, 0],
    ],
  },
  // Windows that lie beside the image.
  { x: [1, 3, 3, 2], filterSize: 2, strides: 2, pad: 3, dimRoundingMode: 'floor' },
  { x: [2, 1, 30, 9], filterSize: [1, 4], strides: [1, 3] },
];

/** Where equal maxima of both signs of zero meet, the order decides about the sign. */
const MAXIMUM: Tolerance = { relative: 0, absolute: 0 };
const AVERAGE: Tolerance = { relative: 1e-6, absolute: 1e-6 };

function poolings({ x, filterSize, strides = 1, pad = 'valid', dimRoundingMode }: Pooling): KernelCase[] {
  const { outShape } = tf.backend_util.computePool2DInfo(
    x,
    filterSize,
    strides,
    1,
    pad as 'same',
    dimRoundingMode,
  );
  const attrs = { filterSize, strides, pad, dimRoundingMode };
  // Whole numbers, many of them equal, so that it counts which greatest one is the first.
  const values = rounded(normals(x, 1));
  const [input, dy] = [values, normals(outShape, 2)];
  const output = normals(outShape, 3);
  return [
    { kernel: tf.MaxPool, inputs: { x: values }, attrs, tolerance: MAXIMUM },
    { kernel: tf.MaxPool, inputs: { x: specials(x, 'fast') }, attrs, tolerance: MAXIMUM },
    { kernel: tf.AvgPool, inputs: { x: normals(x, 4) }, attrs, tolerance: AVERAGE },
    { kernel: tf.MaxPoolGrad, inputs: { dy, input, output }, attrs, tolerance: AVERAGE },
    { kernel: tf.MaxPoolGrad, inputs: { dy, input: specials(x, 'fast'), output }, attrs, tolerance: AVERAGE },
    { kernel: tf.AvgPoolGrad, inputs: { dy, input }, attrs, tolerance: AVERAGE },
  ];
}

function rounded(input: Input): Input {
  return { ...input, values: (input.values as Float32Array).map((value) => Math.round(2 * value)) };
}

const RESIZED: readonly (readonly [Shape4D, [number, number]])[] = [
  [
    [1, 1, 1, 1],
    [1, 1],
  ],
  [
    [1, 1, 1, 2],
    [3, 2],
  ],
  [
    [2, 4, 3, 1],
    [8, 6],
  ],
  [
    [2, 4, 3, 5],
    [7, 9],
  ],
  [
    [3, 9, 7, 16],
    [4, 3],
  ],
  [
    [2, 5, 6, 35],
    [10, 12],
  ],
  [
    [1, 8, 8, 3],
    [1, 1],
  ],
];

function resizings([shape, size]: readonly [Shape4D, [number, number]]): KernelCase[] {
  const ways = [
    { alignCorners: false, halfPixelCenters: false },
    { alignCorners: true, halfPixelCenters: false },
    { alignCorners: false, halfPixelCenters: true },
  ];
  const images = normals(shape, 1);
  // tfjs' own gradients are right for one square image alone.
  const square: Shape4D = [1, shape[1], shape[1], shape[3]];
  const dy = normals([1, ...size, shape[3]], 2);
  const bilinear = { relative: 1e-6, absolute: 1e-6 };
  return ways.flatMap(({ alignCorners, halfPixelCenters }) => {
    const attrs = { alignCorners, halfPixelCenters, size };
    const forward = [
      { kernel: tf.ResizeBilinear, inputs: { images }, attrs, tolerance: bilinear },
      { kernel: tf.ResizeNearestNeighbor, inputs: { images }, attrs },
    ];
    // Of one pixel with aligned corners the CPU kernel of the gradient finds no end.
    if (halfPixelCenters || (alignCorners && shape[1] === 1)) return forward;
    const inputs = { dy, images: normals(square, 3) };
    const backward = [tf.ResizeBilinearGrad, tf.ResizeNearestNeighborGrad].map((kernel) => ({
      kernel,
      inputs,
      attrs,
      tolerance: { relative: 1e-6, absolute: 3e-6 },
    }));
    return [...forward, ...backward];
  });
}

function positive(shape: number[], stream: number): Input {
  const input = normals(shape, stream);
  return { ...input, values: (input.values as Float32Array).map((value) => value * value + 0.1) };
}

const NORMALISED: readonly (readonly [number[], number[]])[] = [
  [[2, 3, 4, 1], [1]],
  [[2, 3, 4, 3], [3]],
  [[4, 5, 5, 16], [16]],
  [[1, 1, 70, 63], [63]],
  [[1, 1, 50, 100], [100]],
  [
    [2, 2, 2, 5],
    [2, 2, 2, 5],
  ],
  [[1, 1, 3, 300], [300]],
];

function normalisations([shape, channels]: readonly [number[], number[]]): KernelCase[] {
  const [x, mean, variance] = [normals(shape, 1), normals(channels, 2), positive(channels, 3)];
  const [offset, scale] = [normals(channels, 4), normals(channels, 5)];
  const attrs = { varianceEpsilon: 0.01 };
  const tolerance = { relative: 1e-6, absolute: 1e-6 };
  return [{}, { offset }, { scale }, { offset, scale }].map((rest) => ({
    kernel: tf.FusedBatchNorm,
    inputs: { x, mean, variance, ...rest },
    attrs,
    tolerance,
  }));
}

export const IMAGES: readonly KernelCase[] = [
  ...POOLINGS.flatMap(poolings),
  ...RESIZED.flatMap(resizings),
  ...NORMALISED.flatMap(normalisations),
  {
    kernel: tf.FusedBatchNorm,
    inputs: {
      x: specials([1, 1, SPECIAL.length, 2], 'fast'),
      mean: normals([2], 1),
      variance: positive([2], 2),
    },
    attrs: {},
    tolerance: { relative: 1e-6, absolute: 1e-6 },
  },
];
