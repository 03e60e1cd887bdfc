import { NORMALISE_SUMS } from '../../gradients/normalisation.js';
import { tf } from '../../tf.js';
import {
  floatOperand,
  type KernelAddition,
  type KernelCall,
  type KernelReplacement,
  storedFloats,
} from '../kernel.js';

/** What tfjs takes where none is given. */
const EPSILON = 0.001;

/** An input that may be left out: null when it is there and no float32. */
function optional(call: KernelCall, tensor: tf.TensorInfo | null | undefined) {
  if (tensor === undefined || tensor === null) return { values: null };
  return floatOperand(call, tensor);
}

/** Statistics of the last dimension, or of every element; others, which x repeats unevenly, take the CPU kernel. */
const fusedBatchNorm: KernelReplacement = {
  kernelName: tf.FusedBatchNorm,
  run: (call) => {
    const { inputs, attrs, backend, native } = call;
    const x = floatOperand(call, inputs.x);
    const mean = floatOperand(call, inputs.mean);
    const variance = floatOperand(call, inputs.variance);
    const offset = optional(call, inputs.offset);
    const scale = optional(call, inputs.scale);
    if (x === null || mean === null || variance === null || offset === null || scale === null) return null;
    const all = [variance.values, offset.values, scale.values];
    const length = mean.values.length;
    if (all.some((values) => values !== null && values.length !== length)) return null;
    const out = backend.allocate('float32', x.values.length);
    native.tensorNormalise(
      x.values,
      mean.values,
      variance.values,
      offset.values,
      scale.values,
      out,
      (attrs.varianceEpsilon ?? EPSILON) as number,
    );
    return backend.adopt(out, x.shape, 'float32');
  },
};

/** x [..., channels] to the mean and the variance of each channel. */
export const MOMENTS = 'PushforwardMoments';

/**
 * x, dy, mean, variance and scale to the gradients of x, scale and offset, where mean and variance are those
 * of x itself; attribute `epsilon`.
 */
export const NORMALISE_GRADIENT = 'PushforwardNormaliseGradient';

function values(call: KernelCall, name: string): Float32Array {
  return storedFloats(call, call.inputs[name] as tf.TensorInfo);
}

const moments: KernelAddition = {
  kernelName: MOMENTS,
  run: (call) => {
    const { backend, inputs, native } = call;
    const channels = (inputs.x as tf.TensorInfo).shape.at(-1) as number;
    const mean = backend.allocate('float32', channels);
    const variance = backend.allocate('float32', channels);
    native.tensorMoments(values(call, 'x'), mean, variance);
    return [mean, variance].map((array) => backend.adopt(array, [channels], 'float32'));
  },
};

const normaliseGradient: KernelAddition = {
  kernelName: NORMALISE_GRADIENT,
  run: (call) => {
    const { backend, inputs, native, attrs } = call;
    const { shape } = inputs.x as tf.TensorInfo;
    const channels = shape.at(-1) as number;
    const dx = backend.allocate('float32', tf.util.sizeFromShape(shape));
    const dScale = backend.allocate('float32', channels);
    const dOffset = backend.allocate('float32', channels);
    const [x, dy, mean, variance, scale] = ['x', 'dy', 'mean', 'variance', 'scale'].map((name) =>
      values(call, name),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    native.tensorNormaliseGradient(
      x,
      dy,
      mean,
      variance,
      scale,
      dx,
      dScale,
      dOffset,
      attrs.epsilon as number,
    );
    return [
      backend.adopt(dx, shape, 'float32'),
      backend.adopt(dScale, [channels], 'float32'),
      backend.adopt(dOffset, [channels], 'float32'),
    ];
  },
};

const normaliseSums: KernelAddition = {
  kernelName: NORMALISE_SUMS,
  run: (call) => {
    const { backend, native } = call;
    const mean = values(call, 'mean');
    const sums = backend.allocate('float32', mean.length);
    const products = backend.allocate('float32', mean.length);
    native.tensorNormaliseSums(values(call, 'dy'), values(call, 'x'), mean, sums, products);
    return [sums, products].map((array) => backend.adopt(array, [mean.length], 'float32'));
  },
};

export const normaliseAdditions: readonly KernelAddition[] = [moments, normaliseSums, normaliseGradient];

export const normaliseKernels: readonly KernelReplacement[] = [fusedBatchNorm];
