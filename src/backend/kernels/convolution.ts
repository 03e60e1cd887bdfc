import type {
  ConvolutionCall,
  ConvolutionGradientCall,
  MatMulFinish,
  TensorKernels,
} from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { floatOperand, type KernelCall, type KernelReplacement, type Operand } from '../kernel.js';
import { activationOf, perColumn, slopeOf } from './finish.js';

type Convolution = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];
type Pair = number | [number, number];

/** A convolution with its gradients: the kernels' names, and what the addon calls them. */
interface Family {
  readonly forward: string;
  readonly fused: string;
  readonly backpropInput: string;
  readonly backpropFilter: string;
  readonly isDepthwise: boolean;
  readonly calls: (native: TensorKernels) => {
    readonly forward: Readonly<Record<MatMulFinish, ConvolutionCall>>;
    readonly input: ConvolutionGradientCall;
    readonly filter: ConvolutionGradientCall;
  };
}

const DENSE: Family = {
  forward: tf.Conv2D,
  fused: tf.FusedConv2D,
  backpropInput: tf.Conv2DBackpropInput,
  backpropFilter: tf.Conv2DBackpropFilter,
  isDepthwise: false,
  calls: (native) => ({
    forward: native.tensorConvolution,
    input: native.tensorConvolutionInput,
    filter: native.tensorConvolutionFilter,
  }),
};

const DEPTHWISE: Family = {
  forward: tf.DepthwiseConv2dNative,
  fused: tf.FusedDepthwiseConv2D,
  backpropInput: tf.DepthwiseConv2dNativeBackpropInput,
  backpropFilter: tf.DepthwiseConv2dNativeBackpropFilter,
  isDepthwise: true,
  calls: (native) => ({
    forward: native.tensorDepthwise,
    input: native.tensorDepthwiseInput,
    filter: native.tensorDepthwiseFilter,
  }),
};

/**
 * The geometry of a call that the tfjs op has checked. Null where the CPU kernel refuses the call, where
 * channels come first (tfjs' depthwise kernels know no format), and where there is nothing to compute.
 */
function geometryOf(
  { isDepthwise }: Family,
  { attrs }: KernelCall,
  x: number[],
  filter: number[],
): Convolution | null {
  if ((attrs.dataFormat ?? 'NHWC') !== 'NHWC') return null;
  const strides = attrs.strides as Pair;
  const dilations = (attrs.dilations ?? 1) as Pair;
  const { computeConv2DInfo, eitherStridesOrDilationsAreOne } = tf.backend_util;
  if (isDepthwise && !eitherStridesOrDilationsAreOne(strides, dilations)) return null;
  const info = computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    strides,
    dilations,
    attrs.pad as 'same' | 'valid' | number,
    attrs.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
    isDepthwise,
  );
  return tf.util.sizeFromShape(info.outShape) === 0 ? null : info;
}

/** tfjs also takes gradients of outputs of another size, of which it reads a part. */
function isOutputOf(info: Convolution, { shape }: Operand): boolean {
  return tf.util.arraysEqual(info.outShape, shape);
}

/** The same geometry as the addon takes it. */
function numbersOf(info: Convolution): Int32Array {
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

/**
 * A convolution, with the call's bias and activation when it is `fused`. Biases and slopes of other shapes
 * than one number for each channel take the CPU kernel.
 */
function convolve(family: Family, call: KernelCall, fused: boolean): tf.TensorInfo | null {
  const { backend, native, inputs, attrs } = call;
  const x = floatOperand(call, inputs.x);
  const filter = floatOperand(call, inputs.filter);
  if (x === null || filter === null) return null;
  const info = geometryOf(family, call, x.shape, filter.shape);
  if (info === null) return null;
  // A prelu is a leaky relu with a slope for each channel.
  const isPrelu = fused && attrs.activation === 'prelu';
  const activation = !fused ? 'linear' : isPrelu ? 'leakyrelu' : activationOf(call);
  const bias = fused ? perColumn(call, inputs.bias, info.outChannels) : null;
  const slopes = isPrelu ? perColumn(call, inputs.preluActivationWeights, info.outChannels) : null;
  if (activation === null || bias === undefined || slopes === undefined) return null;
  const out = backend.allocate('float32', tf.util.sizeFromShape(info.outShape));
  const run = family.calls(native).forward[activation];
  run(x.values, filter.values, bias, slopes, out, numbersOf(info), slopeOf(call));
  return backend.adopt(out, info.outShape, 'float32');
}

function backpropInput(family: Family, call: KernelCall): tf.TensorInfo | null {
  const { backend, native, inputs, attrs } = call;
  const dy = floatOperand(call, inputs.dy);
  const filter = floatOperand(call, inputs.filter);
  if (dy === null || filter === null) return null;
  const info = geometryOf(family, call, attrs.inputShape as number[], filter.shape);
  if (info === null || !isOutputOf(info, dy)) return null;
  const out = backend.allocate('float32', tf.util.sizeFromShape(info.inShape));
  family.calls(native).input(dy.values, filter.values, out, numbersOf(info));
  return backend.adopt(out, info.inShape, 'float32');
}

function backpropFilter(family: Family, call: KernelCall): tf.TensorInfo | null {
  const { backend, native, inputs, attrs } = call;
  const x = floatOperand(call, inputs.x);
  const dy = floatOperand(call, inputs.dy);
  if (x === null || dy === null) return null;
  const info = geometryOf(family, call, x.shape, attrs.filterShape as number[]);
  if (info === null || !isOutputOf(info, dy)) return null;
  const out = backend.allocate('float32', tf.util.sizeFromShape(info.filterShape));
  family.calls(native).filter(x.values, dy.values, out, numbersOf(info));
  return backend.adopt(out, info.filterShape, 'float32');
}

function kernelsOf(family: Family): KernelReplacement[] {
  return [
    { kernelName: family.forward, run: (call) => convolve(family, call, false) },
    { kernelName: family.fused, run: (call) => convolve(family, call, true) },
    { kernelName: family.backpropInput, run: (call) => backpropInput(family, call) },
    { kernelName: family.backpropFilter, run: (call) => backpropFilter(family, call) },
  ];
}

/** Convolutions of images with the channels last, across all channels and channel by channel. */
export const convolutionKernels: readonly KernelReplacement[] = [DENSE, DEPTHWISE].flatMap(kernelsOf);
