import { tf } from '../../tf.js';
import type { ElementType } from '../backend.js';
import type { KernelCall, KernelReplacement } from '../kernel.js';

function isElementType(dtype: unknown): dtype is ElementType {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}

function filled(call: KernelCall, shape: number[], dtype: ElementType, value: number): tf.TensorInfo {
  const out = call.backend.allocate(dtype, tf.util.sizeFromShape(shape));
  out.fill(value);
  return call.backend.adopt(out, shape, dtype);
}

const fill: KernelReplacement = {
  kernelName: tf.Fill,
  run: (call) => {
    const { shape, value, dtype } = call.attrs as { shape: number[]; value: unknown; dtype?: unknown };
    return typeof value === 'number' && isElementType(dtype) ? filled(call, shape, dtype, value) : null;
  },
};

function like(kernelName: string, value: number): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const x = call.inputs.x;
      return x !== undefined && isElementType(x.dtype) ? filled(call, x.shape, x.dtype, value) : null;
    },
  };
}

export const fillKernels: readonly KernelReplacement[] = [fill, like(tf.ZerosLike, 0), like(tf.OnesLike, 1)];
