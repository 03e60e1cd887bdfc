import { tf } from '../../tf.js';
import { floatOperand, type KernelCall, type KernelReplacement } from '../kernel.js';

type Pooling = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

/** The geometry of a call that the tfjs op has checked. */
function geometry(
  { attrs }: KernelCall,
  shape: number[],
  dimRoundingMode?: 'floor' | 'round' | 'ceil',
): Pooling {
  return tf.backend_util.computePool2DInfo(
    shape as Shape4D,
    attrs.filterSize as number | [number, number],
    attrs.strides as number | [number, number],
    1,
    attrs.pad as 'same' | 'valid' | number,
    dimRoundingMode,
  );
}

function rounding({ attrs }: KernelCall): 'floor' | 'round' | 'ceil' | undefined {
  return attrs.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined;
}

function sizesOf(info: Pooling): Int32Array {
  return Int32Array.of(
    info.batchSize,
    info.inHeight,
    info.inWidth,
    info.inChannels,
    info.outHeight,
    info.outWidth,
    info.filterHeight,
    info.filterWidth,
    info.strideHeight,
    info.strideWidth,
  );
}

/** Windows of one pixel, all of them: the result is x, whose storage the CPU kernel shares. */
function isIdentity(info: Pooling): boolean {
  return (
    info.filterHeight === 1 && info.filterWidth === 1 && tf.util.arraysEqual(info.inShape, info.outShape)
  );
}

function pool(kernelName: string, kind: 'max' | 'average'): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const x = floatOperand(call, call.inputs.x);
      if (x === null) return null;
      const info = geometry(call, x.shape, rounding(call));
      const size = tf.util.sizeFromShape(info.outShape);
      if (isIdentity(info) || size === 0) return null;
      const out = call.backend.allocate('float32', size);
      call.native.tensorPool[kind](x.values, out, sizesOf(info), info.padInfo.top, info.padInfo.left);
      return call.backend.adopt(out, info.outShape, 'float32');
    },
  };
}

const maxPoolGrad: KernelReplacement = {
  kernelName: tf.MaxPoolGrad,
  run: (call) => {
    const x = floatOperand(call, call.inputs.input);
    const dy = floatOperand(call, call.inputs.dy);
    if (x === null || dy === null) return null;
    const info = geometry(call, x.shape, rounding(call));
    if (!tf.util.arraysEqual(info.outShape, dy.shape)) return null;
    const out = call.backend.allocate('float32', x.values.length);
    const { top, left } = info.padInfo;
    call.native.tensorMaxPoolGradient(x.values, dy.values, out, sizesOf(info), top, left);
    return call.backend.adopt(out, x.shape, 'float32');
  },
};

/** Of `input` the shape alone is read, and of the attributes no rounding of sizes, as in tfjs. */
const avgPoolGrad: KernelReplacement = {
  kernelName: tf.AvgPoolGrad,
  run: (call) => {
    const dy = floatOperand(call, call.inputs.dy);
    const input = call.inputs.input;
    if (dy === null || input === undefined) return null;
    const info = geometry(call, input.shape);
    if (!tf.util.arraysEqual(info.outShape, dy.shape)) return null;
    const out = call.backend.allocate('float32', tf.util.sizeFromShape(input.shape));
    const { top, left } = info.padInfo;
    call.native.tensorPool.averageGradient(dy.values, out, sizesOf(info), top, left);
    return call.backend.adopt(out, input.shape, 'float32');
  },
};

/** Pooling of images with the channels last, the only ones that tfjs pools. */
export const poolKernels: readonly KernelReplacement[] = [
  pool(tf.MaxPool, 'max'),
  pool(tf.AvgPool, 'average'),
  maxPoolGrad,
  avgPoolGrad,
];
