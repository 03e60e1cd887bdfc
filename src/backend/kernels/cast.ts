import { tf } from '../../tf.js';
import type { ElementType } from '../backend.js';
import { type KernelReplacement, operand } from '../kernel.js';

/**
 * Casts to another type. The CPU kernel shares the array of a narrower type, and every kernel after it
 * would have to convert.
 */
const cast: KernelReplacement = {
  kernelName: tf.Cast,
  run: (call) => {
    const x = operand(call, call.inputs.x);
    const dtype = target(call.attrs.dtype);
    if (x === null || dtype === null || x.dtype === dtype) return null;
    const out = call.backend.allocate(dtype, x.values.length);
    call.native.tensorConvert(x.values, out);
    return call.backend.adopt(out, x.shape, dtype);
  },
};

function target(dtype: unknown): ElementType | null {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool' ? dtype : null;
}

export const castKernels: readonly KernelReplacement[] = [cast];
