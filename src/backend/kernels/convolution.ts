import { tf } from '../../tf.js';
import { floatOperand, type KernelCall, type KernelReplacement, type Operand } from '../kernel.js';
import { activationOf, perColumn, slopeOf } from './finish.js';

type Convolution = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

/** The geometry of a call that the tfjs op has checked; null where channels come first. */
function infoOf({ attrs }: KernelCall, x: number[], filter: number[]): Convolution | null {
  if (attrs.dataFormat !== 'NHWC') return null;
  return tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    attrs.strides as number | [number, number],
    (attrs.dilations ?? 1) as number | [number, number],
    attrs.pad as 'same' | 'valid' | number,
    attrs.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
  );
}

/** tfjs also takes gradients of outputs of another size, of which it reads a part. */
function isOutputOf(info: Convolution, { shape }: Operand): boolean {
  return tf.util.arraysEqual(info.outShape, shape);
}

/** The same geometry as the addon takes it. */
function geometryOf(info: Convolution): Int32Array {
  return Int32Array.of(
    info.batchSize,
    info.inChannels,
    info.outChannels,
    info.inHeight,
    info.outHeight,
    info.filterHeight,
    info.strideHeight,
    info.dilationHeight,
    info.padInfo.top,
    info.inWidth,
    info.outWidth,
    info.filterWidth,
    info.strideWidth,
    info.dilationWidth,
    info.padInfo.left,
  );
}

/** With what `fused` reads of the call's bias and activation, or without any. */
function convolve(call: KernelCall, fused: boolean): tf.TensorInfo | null {
  const { backend, native, inputs, attrs } = call;
  const x = floatOperand(call, inputs.x);
  const filter = floatOperand(call, inputs.filter);
  if (x === null || filter === null) return null;
  const info = infoOf(call, x.shape, filter.shape);
  if (info === null || tf.util.sizeFromShape(info.outShape) === 0) return null;
  // A prelu is a leaky relu with a slope for each channel.
  const isPrelu = fused && attrs.activation === 'prelu';
  const activation = !fused ? 'linear' : isPrelu ? 'leakyrelu' : activationOf(call);
  const bias = fused ? perColumn(call, inputs.bias, info.outChannels) : null;
  const slopes = isPrelu ? perColumn(call, inputs.preluActivationWeights, info.outChannels) : null;
  if (activation === null || bias === undefined || slopes === undefined) return null;
  const out = backend.allocate('float32', tf.util.sizeFromShape(info.outShape));
  native.tensorConvolution[activation](
    x.values,
    filter.values,
    bias,
    slopes,
    out,
    geometryOf(info),
    slopeOf(call),
  );
  return backend.adopt(out, info.outShape, 'float32');
}

const conv2D: KernelReplacement = {
  kernelName: tf.Conv2D,
  run: (call) => convolve(call, false),
};

/** Biases and slopes of other shapes than the channels' take the CPU kernel. */
const fusedConv2D: KernelReplacement = {
  kernelName: tf.FusedConv2D,
  run: (call) => convolve(call, true),
};

const conv2DBackpropInput: KernelReplacement = {
  kernelName: tf.Conv2DBackpropInput,
  run: (call) => {
    const { backend, native, inputs, attrs } = call;
    const dy = floatOperand(call, inputs.dy);
    const filter = floatOperand(call, inputs.filter);
    if (dy === null || filter === null) return null;
    const info = infoOf(call, attrs.inputShape as number[], filter.shape);
    if (info === null || !isOutputOf(info, dy)) return null;
    const out = backend.allocate('float32', tf.util.sizeFromShape(info.inShape));
    native.tensorConvolutionInput(dy.values, filter.values, out, geometryOf(info));
    return backend.adopt(out, info.inShape, 'float32');
  },
};

const conv2DBackpropFilter: KernelReplacement = {
  kernelName: tf.Conv2DBackpropFilter,
  run: (call) => {
    const { backend, native, inputs, attrs } = call;
    const x = floatOperand(call, inputs.x);
    const dy = floatOperand(call, inputs.dy);
    if (x === null || dy === null) return null;
    const info = infoOf(call, x.shape, attrs.filterShape as number[]);
    if (info === null || !isOutputOf(info, dy)) return null;
    const out = backend.allocate('float32', tf.util.sizeFromShape(info.filterShape));
    native.tensorConvolutionFilter(x.values, dy.values, out, geometryOf(info));
    return backend.adopt(out, info.filterShape, 'float32');
  },
};

/** Convolutions of images with the channels last. */
export const convolutionKernels: readonly KernelReplacement[] = [
  conv2D,
  fusedConv2D,
  conv2DBackpropInput,
  conv2DBackpropFilter,
];
