/** Calls of the convolution and of its two gradients. */
import { tf } from '../../../src/tf.js';
import { type KernelCase, normals } from './inputs.js';

type Shape4D = [number, number, number, number];

interface Convolution {
  readonly x: Shape4D;
  readonly filter: Shape4D;
  readonly strides?: number | [number, number];
  readonly pad?: 'same' | 'valid' | number | [number, number][];
  readonly dilations?: number | [number, number];
}

const CONVOLUTIONS: readonly Convolution[] = [
  { x: [1, 1, 1, 1], filter: [1, 1, 1, 1] },
  { x: [2, 5, 4, 3], filter: [3, 3, 3, 4] },
  { x: [2, 5, 4, 3], filter: [3, 3, 3, 4], pad: 'valid' },
  { x: [3, 4, 6, 5], filter: [1, 1, 5, 9] },
  { x: [2, 3, 3, 2], filter: [5, 5, 2, 3] },
  { x: [2, 6, 5, 3], filter: [2, 4, 3, 2] },
  { x: [2, 7, 8, 3], filter: [3, 3, 3, 4], strides: 2 },
  { x: [2, 8, 8, 2], filter: [4, 4, 2, 3], strides: [2, 3], pad: 1 },
  { x: [1, 7, 7, 2], filter: [2, 2, 2, 3], strides: 3, pad: 'valid' },
  {
    x: [2, 5, 6, 2],
    filter: [3, 2, 2, 3],
    pad: [
      [0, 0],
      [2, 0],
      [1, 3],
      [0, 0],
    ],
  },
  // To a padding in numbers tfjs takes the filter's height and the rows' stride for the columns too.
  { x: [2, 8, 8, 2], filter: [3, 3, 2, 3], strides: [1, 4], pad: 1 },
  { x: [2, 6, 9, 2], filter: [2, 4, 2, 3], pad: 2 },
  // Strides beyond the filter, filters beyond the image, and windows that see none of it.
  { x: [2, 7, 9, 3], filter: [2, 1, 3, 4], strides: 4, pad: 'valid' },
  { x: [3, 2, 1, 2], filter: [7, 6, 2, 3], strides: 2 },
  { x: [1, 3, 2, 2], filter: [2, 2, 2, 3], pad: 3, strides: 2 },
  // One channel on either side, or few, where taps are laid side by side.
  { x: [5, 12, 11, 1], filter: [4, 4, 1, 33], strides: 2 },
  { x: [5, 12, 11, 1], filter: [4, 3, 1, 8], strides: [1, 2], pad: 'valid' },
  { x: [4, 9, 8, 37], filter: [3, 3, 37, 1] },
  { x: [4, 9, 8, 20], filter: [5, 4, 20, 2], pad: 2 },
  { x: [2, 9, 8, 20], filter: [3, 3, 20, 2], strides: 2, pad: 'valid' },
  // Several strips, panels of several widths, and blocks of the steps.
  { x: [11, 10, 9, 20], filter: [3, 3, 20, 17] },
  { x: [1, 30, 31, 3], filter: [3, 3, 3, 40] },
  { x: [3, 7, 7, 40], filter: [4, 4, 40, 72], strides: 2 },
  // Tiles of two by two pixels: of sizes that are odd, with all kinds of padding, and blocks of channels.
  { x: [2, 11, 9, 42], filter: [3, 3, 42, 40] },
  { x: [3, 7, 10, 41], filter: [3, 3, 41, 44], pad: 'valid' },
  { x: [2, 7, 8, 33], filter: [3, 3, 33, 56], pad: 2 },
  { x: [2, 6, 6, 41], filter: [3, 3, 41, 41], pad: 3 },
  { x: [8, 6, 6, 41], filter: [3, 3, 41, 41], pad: 'valid' },
  {
    x: [2, 8, 9, 48],
    filter: [3, 3, 48, 40],
    pad: [
      [0, 0],
      [2, 0],
      [1, 2],
      [0, 0],
    ],
  },
  { x: [2, 7, 7, 300], filter: [3, 3, 300, 22] },
];

const DILATED: readonly Convolution[] = [
  { x: [2, 7, 8, 3], filter: [3, 3, 3, 4], dilations: [2, 3] },
  { x: [2, 9, 8, 20], filter: [3, 2, 20, 1], dilations: 3, pad: 'valid' },
];

/** Filters [rows, columns, channels, multiple]. */
const DEPTHWISE: readonly Convolution[] = [
  { x: [1, 1, 1, 1], filter: [1, 1, 1, 1] },
  { x: [2, 5, 4, 3], filter: [3, 3, 3, 1] },
  { x: [2, 5, 4, 3], filter: [3, 3, 3, 4], pad: 'valid' },
  { x: [2, 7, 8, 33], filter: [3, 2, 33, 1], strides: 2 },
  { x: [2, 8, 8, 5], filter: [4, 4, 5, 7], strides: [2, 3], pad: 1 },
  { x: [3, 2, 1, 2], filter: [7, 6, 2, 2], strides: 3 },
  { x: [1, 9, 7, 64], filter: [2, 2, 64, 1], strides: 3, pad: 'valid' },
  // Several strips.
  { x: [3, 33, 20, 40], filter: [3, 3, 40, 1] },
];

const FUSED: readonly Convolution[] = [
  { x: [2, 5, 4, 3], filter: [3, 3, 3, 4] },
  { x: [3, 8, 7, 40], filter: [3, 3, 40, 70], strides: 2 },
  // Tiles of two by two pixels.
  { x: [3, 9, 8, 48], filter: [3, 3, 48, 50] },
  // A product for each source pixel.
  { x: [3, 9, 8, 20], filter: [3, 3, 20, 2] },
];

const ACTIVATIONS = ['linear', 'relu', 'relu6', 'elu', 'leakyrelu', 'sigmoid', 'prelu'];

function fused(given: Convolution, family = DENSE): KernelCase[] {
  const plain = forward(given, family);
  const channels = given.filter[3] * (family.isDepthwise ? given.filter[2] : 1);
  const shapes = [[channels], [1, 1, 1, channels]];
  return ACTIVATIONS.flatMap((activation) =>
    shapes.map((shape) => ({
      ...plain,
      kernel: family.isDepthwise ? tf.FusedDepthwiseConv2D : tf.FusedConv2D,
      inputs: {
        ...plain.inputs,
        bias: normals(shape, 3),
        ...(activation === 'prelu' ? { preluActivationWeights: normals(shape, 4) } : {}),
      },
      attrs: { ...plain.attrs, activation, leakyreluAlpha: 0.3 },
    })),
  );
}

/** The kernels of a convolution and of its gradients, by their names. */
interface Family {
  readonly forward: string;
  readonly backpropInput: string;
  readonly backpropFilter: string;
  readonly isDepthwise: boolean;
}

const DENSE: Family = {
  forward: tf.Conv2D,
  backpropInput: tf.Conv2DBackpropInput,
  backpropFilter: tf.Conv2DBackpropFilter,
  isDepthwise: false,
};

const CHANNELWISE: Family = {
  forward: tf.DepthwiseConv2dNative,
  backpropInput: tf.DepthwiseConv2dNativeBackpropInput,
  backpropFilter: tf.DepthwiseConv2dNativeBackpropFilter,
  isDepthwise: true,
};

function forward(given: Convolution, { forward: kernel, isDepthwise } = DENSE): KernelCase {
  const { x, filter, strides = 1, pad = 'same', dilations = 1 } = given;
  return {
    kernel,
    inputs: { x: normals(x, 1), filter: normals(filter, 2) },
    attrs: { strides, pad, dilations, dataFormat: 'NHWC' },
    tolerance: within(tf.util.sizeFromShape(filter.slice(0, isDepthwise ? 2 : 3))),
  };
}

function backward(given: Convolution, family = DENSE): KernelCase[] {
  const { x, filter, strides = 1, pad = 'same' } = given;
  const { outShape } = tf.backend_util.computeConv2DInfo(
    x,
    filter,
    strides,
    1,
    pad as 'same',
    undefined,
    family.isDepthwise,
  );
  const dy = normals(outShape, 3);
  const attrs = { strides, pad, dilations: 1, dataFormat: 'NHWC' };
  return [
    {
      kernel: family.backpropInput,
      inputs: { dy, filter: normals(filter, 2) },
      attrs: { ...attrs, inputShape: x },
      tolerance: within(tf.util.sizeFromShape(filter) / filter[2]),
    },
    {
      kernel: family.backpropFilter,
      inputs: { x: normals(x, 1), dy },
      attrs: { ...attrs, filterShape: filter },
      tolerance: within(tf.util.sizeFromShape(outShape.slice(0, 3))),
    },
  ];
}

/**
 * Rounding errors of sums of `terms` products of N(0, 1) numbers: √terms of them show, each an ulp of
 * partial sums of the size of √terms.
 */
function within(terms: number) {
  return { relative: 1e-6, absolute: 1e-6 + 2e-7 * terms };
}

/** Calls that are large enough to be shared among threads. */
export const LARGE_CONVOLUTIONS: readonly KernelCase[] = [
  ...[
    { x: [40, 14, 14, 24], filter: [4, 4, 24, 40], strides: 2 },
    { x: [64, 28, 28, 1], filter: [5, 5, 1, 33], strides: 2 },
    { x: [27, 20, 20, 24], filter: [3, 3, 24, 2] },
    { x: [9, 21, 19, 40], filter: [3, 3, 40, 64] },
    // One image alone, too.
    { x: [1, 45, 47, 16], filter: [3, 3, 16, 32] },
  ].flatMap((given) => [forward(given as Convolution), ...backward(given as Convolution)]),
  ...[
    { x: [3, 60, 61, 40], filter: [3, 3, 40, 1] },
    { x: [5, 40, 40, 20], filter: [4, 4, 20, 3], strides: 2 },
  ].flatMap((given) => [
    forward(given as Convolution, CHANNELWISE),
    ...backward(given as Convolution, CHANNELWISE),
  ]),
];

export const CONVOLUTION: readonly KernelCase[] = [
  ...[...CONVOLUTIONS, ...DILATED].map((given) => forward(given)),
  ...CONVOLUTIONS.flatMap((given) => backward(given)),
  ...FUSED.flatMap((given) => fused(given)),
  // Without a bias, with one for each pixel, and with slopes for each pixel.
  { ...forward(FUSED[0] as Convolution), kernel: tf.FusedConv2D },
  ...[{ bias: normals([5, 4, 4], 3) }, { preluActivationWeights: normals([5, 4, 4], 4) }].map((more) => ({
    ...forward(FUSED[0] as Convolution),
    kernel: tf.FusedConv2D,
    inputs: { ...forward(FUSED[0] as Convolution).inputs, ...more },
    attrs: {
      ...forward(FUSED[0] as Convolution).attrs,
      activation: 'preluActivationWeights' in more ? 'prelu' : 'linear',
    },
  })),
  ...DEPTHWISE.flatMap((given) => [forward(given, CHANNELWISE), ...backward(given, CHANNELWISE)]),
  forward({ x: [2, 9, 8, 5], filter: [3, 2, 5, 2], dilations: [2, 3] }, CHANNELWISE),
  ...DEPTHWISE.slice(2, 4).flatMap((given) => fused(given, CHANNELWISE)),
];
