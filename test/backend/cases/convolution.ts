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
  // More patches than are laid out at a time.
  { x: [37, 10, 9, 20], filter: [3, 3, 20, 17] },
];

const DILATED: Convolution = { x: [2, 7, 8, 3], filter: [3, 3, 3, 4], dilations: [2, 3] };

function forward(given: Convolution): KernelCase {
  const { x, filter, strides = 1, pad = 'same', dilations = 1 } = given;
  return {
    kernel: tf.Conv2D,
    inputs: { x: normals(x, 1), filter: normals(filter, 2) },
    attrs: { strides, pad, dilations, dataFormat: 'NHWC' },
    tolerance: within(tf.util.sizeFromShape(filter.slice(0, 3))),
  };
}

function backward(given: Convolution): KernelCase[] {
  const { x, filter, strides = 1, pad = 'same' } = given;
  const { outShape } = tf.backend_util.computeConv2DInfo(x, filter, strides, 1, pad as 'same');
  const dy = normals(outShape, 3);
  const attrs = { strides, pad, dataFormat: 'NHWC' };
  return [
    {
      kernel: tf.Conv2DBackpropInput,
      inputs: { dy, filter: normals(filter, 2) },
      attrs: { ...attrs, inputShape: x },
      tolerance: within(tf.util.sizeFromShape(filter) / filter[2]),
    },
    {
      kernel: tf.Conv2DBackpropFilter,
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

export const CONVOLUTION: readonly KernelCase[] = [
  ...[...CONVOLUTIONS, DILATED].map(forward),
  ...CONVOLUTIONS.flatMap(backward),
];
