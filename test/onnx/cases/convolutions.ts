import { type Tensor, tf } from '../../../src/tf.js';
import { floats } from '../support.js';
import { type Case, testCase } from './case.js';

type Padding = Parameters<typeof tf.conv2d>[3];

function convolution(
  strides: number | [number, number],
  padding: Padding,
  dilations: number | [number, number] = 1,
) {
  return (x: Tensor, filter: Tensor) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, padding, 'NHWC', dilations);
}

function depthwise(strides: number | [number, number], padding: 'same' | 'valid') {
  return (x: Tensor, filter: Tensor) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, strides, padding);
}

type FusedOptions = Partial<Parameters<typeof tf.fused.conv2d>[0]>;

function fused(x: Tensor, filter: Tensor, options: FusedOptions) {
  return tf.fused.conv2d({
    x: x as tf.Tensor4D,
    filter: filter as tf.Tensor4D,
    strides: 2,
    pad: 'same',
    ...options,
  });
}

const around: Padding = [
  [0, 0],
  [2, 0],
  [1, 3],
  [0, 0],
];

const images = floats(['batch', 5, 4, 3], -1, 1);
const filter = floats([3, 3, 3, 2], -1, 1, 1);

export const convolutions: readonly Case[] = [
  testCase('conv2d, same', convolution(1, 'same'), images, filter),
  testCase('conv2d, same, of even size', convolution(1, 'same'), images, floats([2, 4, 3, 2], -1, 1, 1)),
  testCase('conv2d, valid', convolution(1, 'valid'), images, filter),
  testCase('conv2d, one pixel', convolution(1, 'same'), images, floats([1, 1, 3, 6], -1, 1, 1)),
  testCase('conv2d, strides', convolution([2, 1], 'same'), images, filter),
  testCase('conv2d, dilations', convolution(1, 'same', [1, 2]), images, filter),
  testCase('conv2d, padding by number', convolution(2, 1), images, filter),
  testCase('conv2d, padding side by side', convolution(1, around), images, filter),
  testCase(
    'fused conv2d',
    (x, kernel) => fused(x, kernel, { bias: tf.tensor1d([0.5, -1]), activation: 'relu' }),
    images,
    filter,
  ),
  testCase('fused conv2d, nothing fused', (x, kernel) => fused(x, kernel, {}), images, filter),
  testCase(
    'fused conv2d, slopes for each channel',
    (x, kernel) =>
      fused(x, kernel, {
        bias: tf.tensor1d([0.5, -1]),
        activation: 'prelu',
        preluActivationWeights: tf.tensor1d([0.2, -0.3]),
      }),
    images,
    filter,
  ),
  testCase('depthwise conv2d', depthwise([1, 2], 'same'), images, floats([3, 2, 3, 2], -1, 1, 1)),
  testCase('depthwise conv2d, one multiple', depthwise(1, 'valid'), images, floats([2, 2, 3, 1], -1, 1, 1)),
  testCase(
    'fused depthwise conv2d',
    (x, kernel) =>
      tf.fused.depthwiseConv2d({
        x: x as tf.Tensor4D,
        filter: kernel as tf.Tensor4D,
        strides: 1,
        pad: 'same',
        bias: tf.tensor1d([1, 0, -1, 0.5, 0, 2]),
        activation: 'relu',
      }),
    images,
    floats([3, 3, 3, 2], -1, 1, 1),
  ),
  ...(['same', 'valid'] as const).flatMap((pad) =>
    [
      [3, 1],
      [4, 2],
      [2, 2],
      [2, 3],
    ].map(([size = 1, stride = 1]) =>
      testCase(
        `conv2dTranspose, ${pad}, ${size} pixels, strides of ${stride}`,
        (x, kernel) => {
          const [height, width] = [5, 4].map((sides) =>
            pad === 'same' ? sides * stride : sides * stride + Math.max(size - stride, 0),
          ) as [number, number];
          const rows = x.shape[0] as number;
          return tf.conv2dTranspose(
            x as tf.Tensor4D,
            kernel as tf.Tensor4D,
            [rows, height, width, 2],
            stride,
            pad,
          );
        },
        images,
        floats([size, size, 2, 3], -1, 1, 1),
      ),
    ),
  ),
  testCase('maxPool', (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'same'), images),
  testCase('maxPool, overlapping', (x) => tf.maxPool(x as tf.Tensor4D, [3, 2], 1, 'valid'), images),
  testCase('avgPool', (x) => tf.avgPool(x as tf.Tensor4D, [2, 3], [2, 1], 'valid'), images),
  testCase('avgPool, over the border', (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same'), images),
  ...(
    [
      ['plain', false, false],
      ['aligned', true, false],
      ['centred', false, true],
    ] as const
  ).flatMap(([name, aligned, centred]) =>
    (
      [
        [10, 12],
        [3, 7],
      ] as [number, number][]
    ).flatMap((size) => [
      testCase(
        `resizeNearestNeighbor, ${name}, to ${size}`,
        (x) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, size, aligned, centred),
        images,
      ),
      testCase(
        `resizeBilinear, ${name}, to ${size}`,
        (x) => tf.image.resizeBilinear(x as tf.Tensor4D, size, aligned, centred),
        images,
      ),
    ]),
  ),
  testCase(
    'batchNorm',
    (x) => tf.batchNorm(x, [1, 0, -1], [0.5, 2, 1], [0, 1, 2], [1, -2, 0.3], 1e-2),
    images,
  ),
  testCase('batchNorm, statistics alone', (x) => tf.batchNorm(x, [1, 0, -1], [0.5, 2, 1]), images),
  testCase(
    'batchNorm of a table',
    (x) => tf.batchNorm(x, tf.tensor1d([1, 0]), tf.tensor1d([0.5, 2]), tf.tensor1d([3, 4])),
    floats(['batch', 2]),
  ),
  testCase(
    'batchNorm by statistics of each pixel',
    (x) => {
      const all = (value: number) => tf.fill(x.shape, value);
      return tf.batchNorm(x, all(0.5), all(2), all(-1), all(3));
    },
    images,
  ),
  testCase(
    'conv2d, a filter for each row',
    (x, rows) => convolution(1, 'same')(x, tf.reshape(tf.sum(rows, 0), [1, 1, 3, 2])),
    images,
    floats(['batch', 6], -1, 1, 1),
  ),
];
