/** Kernels of images: convolutions, pooling, resizing, normalisation, and the gradients of the first three. */
import { type Tensor, type Tensor4D, tf } from '../../../src/tf.js';
import type { GradientCase } from '../law.js';
import { tensorOf } from '../law.js';
import { type Doubles, entry, filled, map, type Reference } from '../reference/arrays.js';
import { convolution, pooling, resized, type Windows } from '../reference/images.js';
import { clearOf, type Draw, type KernelEntry, transposed } from './draw.js';
import { ACTIVATION_NAMES, ACTIVATIONS, biased } from './sums.js';

type Size = [number, number];
type Call = Omit<GradientCase, 'name'>;

/** Windows on an image that leave something of it. */
function windowsOf(draw: Draw): { x: number[]; filter: Size; windows: Windows } {
  const filter: Size = [draw.int(1, 3), draw.int(1, 3)];
  const stride = draw.int(1, 2);
  const x = [draw.int(1, 2), draw.int(3, 4), draw.int(3, 4), draw.int(1, 2)];
  return { x, filter, windows: { strides: [stride, stride], pad: draw.pick(['same', 'valid'] as const) } };
}

function convolutionCall(draw: Draw, isDepthwise: boolean): Call {
  const { x, filter, windows } = windowsOf(draw);
  const { strides, pad } = windows;
  return {
    op: (images, f) =>
      isDepthwise
        ? tf.depthwiseConv2d(images as Tensor4D, f as Tensor4D, strides, pad)
        : tf.conv2d(images as Tensor4D, f as Tensor4D, strides, pad),
    reference: convolution(windows, isDepthwise),
    inputs: [draw.numbers(x), draw.numbers([...filter, x[3] as number, draw.int(1, 2)])],
  };
}

const fusedConv2D: KernelEntry = {
  kernel: tf.FusedConv2D,
  draw: (draw) => {
    const { x, filter, windows } = windowsOf(draw);
    const { strides, pad } = windows;
    const activation = draw.pick(ACTIVATION_NAMES);
    const before = ([images, f, bias]: readonly Doubles[]) =>
      biased(convolution(windows)(images as Doubles, f as Doubles), bias as Doubles);
    return {
      op: (images, f, bias) =>
        tf.fused.conv2d({
          x: images as Tensor4D,
          filter: f as Tensor4D,
          bias: bias as Tensor,
          strides,
          pad,
          activation,
        }),
      reference: (...inputs) => map(ACTIVATIONS[activation])(before(inputs)),
      inputs: clearOf(
        () => [x, [...filter, x[3] as number, 2], [2]].map((shape) => draw.numbers(shape)),
        activation === 'linear' || activation === 'sigmoid' ? () => draw.numbers([1], 1, 2) : before,
      ),
    };
  },
};

function poolingCall(draw: Draw, isMax: boolean): Call {
  const { x, filter, windows } = windowsOf(draw);
  const { strides, pad } = windows;
  const pool = isMax ? tf.maxPool : tf.avgPool;
  return {
    op: (images) => pool(images as Tensor4D, filter, strides, pad),
    reference: pooling(filter, windows, (pixels) =>
      isMax ? Math.max(...pixels) : pixels.reduce((a, b) => a + b) / pixels.length,
    ),
    inputs: [draw.distinct(x)],
  };
}

function resizingCall(draw: Draw, kind: 'bilinear' | 'nearest', halfPixels: readonly boolean[]): Call {
  const size: Size = [draw.int(1, 7), draw.int(1, 7)];
  const halfPixelCenters = draw.pick(halfPixels);
  const alignCorners = !halfPixelCenters && draw.pick([false, true]);
  const resize = kind === 'bilinear' ? tf.image.resizeBilinear : tf.image.resizeNearestNeighbor;
  return {
    op: (images) => resize(images as Tensor4D, size, alignCorners, halfPixelCenters),
    reference: resized(size, { kind, alignCorners, halfPixelCenters }),
    // The CPU kernel of a gradient finds no end where corners of a single pixel are aligned.
    inputs: [draw.numbers([draw.int(1, 2), draw.int(2, 4), draw.int(2, 4), draw.int(1, 3)])],
  };
}

/** The gradient of a call with respect to one of its inputs, as a function of the cotangents. */
function backward(draw: Draw, { op, reference, inputs }: Call, which = 0): Call {
  const at = (input: Doubles): Doubles[] => inputs.with(which, input) as Doubles[];
  const output = reference(...inputs).shape;
  return {
    op: (dy) => {
      const tensors = inputs.map(tensorOf);
      const through = (input: Tensor) => tf.sum(tf.mul(op(...tensors.with(which, input)), dy as Tensor));
      return tf.grad(through)(tensors[which] as Tensor);
    },
    reference: transposed(
      (input) => reference(...at(input as Doubles)),
      inputs[which] as Doubles,
    ) as Reference,
    inputs: [draw.numbers(output)],
  };
}

const batchNorm: KernelEntry = {
  kernel: tf.FusedBatchNorm,
  draw: (draw) => {
    const shape = draw.shape(2, 4);
    const channels = shape.slice(-1);
    const epsilon = 0.1;
    return {
      op: (x, mean, variance, offset, scale) =>
        tf.batchNorm(
          x as Tensor,
          mean as tf.Tensor1D,
          variance as tf.Tensor1D,
          offset as tf.Tensor1D,
          scale as tf.Tensor1D,
          epsilon,
        ),
      reference: (...inputs) =>
        filled(shape, (index) => {
          const [x, mean, variance, offset, scale] = inputs.map((input) =>
            entry(input, index.slice(-input.shape.length)),
          ) as [number, number, number, number, number];
          return ((x - mean) / Math.sqrt(variance + epsilon)) * scale + offset;
        }),
      inputs: [
        draw.numbers(shape),
        draw.numbers(channels),
        draw.numbers(channels, 0.5, 1.5),
        draw.numbers(channels),
        draw.numbers(channels),
      ],
    };
  },
};

const entryOf = (kernel: string, draw: KernelEntry['draw']): KernelEntry => ({ kernel, draw });
const everyCentre = [false, true];

export const IMAGES: readonly KernelEntry[] = [
  fusedConv2D,
  entryOf(tf.Conv2D, (draw) => convolutionCall(draw, false)),
  entryOf(tf.Conv2DBackpropInput, (draw) => backward(draw, convolutionCall(draw, false))),
  entryOf(tf.Conv2DBackpropFilter, (draw) => backward(draw, convolutionCall(draw, false), 1)),
  entryOf(tf.DepthwiseConv2dNative, (draw) => convolutionCall(draw, true)),
  entryOf(tf.DepthwiseConv2dNativeBackpropInput, (draw) => backward(draw, convolutionCall(draw, true))),
  entryOf(tf.DepthwiseConv2dNativeBackpropFilter, (draw) => backward(draw, convolutionCall(draw, true), 1)),
  entryOf(tf.MaxPool, (draw) => poolingCall(draw, true)),
  entryOf(tf.MaxPoolGrad, (draw) => backward(draw, poolingCall(draw, true))),
  entryOf(tf.AvgPool, (draw) => poolingCall(draw, false)),
  entryOf(tf.AvgPoolGrad, (draw) => backward(draw, poolingCall(draw, false))),
  entryOf(tf.ResizeBilinear, (draw) => resizingCall(draw, 'bilinear', everyCentre)),
  entryOf(tf.ResizeBilinearGrad, (draw) => backward(draw, resizingCall(draw, 'bilinear', [false]))),
  entryOf(tf.ResizeNearestNeighbor, (draw) => resizingCall(draw, 'nearest', everyCentre)),
  entryOf(tf.ResizeNearestNeighborGrad, (draw) => backward(draw, resizingCall(draw, 'nearest', [false]))),
  batchNorm,
];
