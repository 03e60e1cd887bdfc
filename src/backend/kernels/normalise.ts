import { tf } from '../../tf.js';
import { floatOperand, type KernelCall, type KernelReplacement } from '../kernel.js';

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

export const normaliseKernels: readonly KernelReplacement[] = [fusedBatchNorm];
