import type { Elements } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { inputList, type KernelReplacement, type Operand, operand } from '../kernel.js';
import { copyOf, joined } from './copy.js';

/** Tensors of one shape side by side along a new axis. */
const pack: KernelReplacement = {
  kernelName: tf.Pack,
  run: (call) => {
    const parts = inputList(call).map((tensor) => operand(call, tensor));
    const first = parts[0];
    // One alone changes its shape only, and tensors that differ are refused by the CPU kernel.
    if (parts.length < 2 || first === undefined || first === null) return null;
    const alike = (part: Operand | null) =>
      part !== null && part.dtype === first.dtype && tf.util.arraysEqual(part.shape, first.shape);
    if (!parts.every(alike)) return null;
    const given = call.attrs.axis as number;
    const axis = given < 0 ? given + first.shape.length + 1 : given;
    const shape = first.shape.toSpliced(axis, 0, parts.length);
    return joined(call, parts as Operand[], shape, axis);
  },
};

/** What lies along an axis as tensors of their own: views would keep the whole for as long as one of them. */
const unpack: KernelReplacement = {
  kernelName: tf.Unpack,
  run: (call) => {
    const x = operand(call, call.inputs.value);
    if (x === null) return null;
    const given = call.attrs.axis as number;
    const axis = given < 0 ? given + x.shape.length : given;
    const size = x.shape.with(axis, 1);
    const shape = x.shape.toSpliced(axis, 1);
    const parts: tf.TensorInfo[] = [];
    for (let i = 0; i < (x.shape[axis] as number); i++) {
      const begin = x.shape.map((_, k) => (k === axis ? i : 0));
      const part = copyOf(call, x, begin, size, shape);
      // The first one, if any, has too many dimensions.
      if (part === null) return null;
      parts.push(part);
    }
    return parts;
  },
};

/** x [outer, count, inner] picked from the last to the first of its `count` slices, one run of axes at a time. */
const reverse: KernelReplacement = {
  kernelName: tf.Reverse,
  run: (call) => {
    const x = operand(call, call.inputs.x);
    if (x === null || x.shape.length === 0) return null;
    const axes = tf.util.parseAxisParam(call.attrs.dims as number | number[], x.shape);
    const isReversed = x.shape.map((dim, axis) => dim > 1 && axes.includes(axis));
    const { backend, native } = call;
    let values: Elements = x.values;
    let axis = 0;
    while (axis < x.shape.length) {
      if (!isReversed[axis]) {
        axis++;
        continue;
      }
      const first = axis;
      while (axis < x.shape.length && isReversed[axis]) axis++;
      const count = tf.util.sizeFromShape(x.shape.slice(first, axis));
      const outer = tf.util.sizeFromShape(x.shape.slice(0, first));
      const inner = tf.util.sizeFromShape(x.shape.slice(axis));
      const backwards = Int32Array.from({ length: count }, (_, i) => count - 1 - i);
      const out: Elements = backend.allocate(x.dtype, x.values.length);
      native.tensorGather<Elements>(values, backwards, out, Int32Array.of(1, outer, count, count, inner));
      if (values !== x.values) backend.release(values);
      values = out;
    }
    // Nothing to do: the CPU kernel copies.
    return values === x.values ? null : backend.adopt(values, x.shape, x.dtype);
  },
};

export const stackKernels: readonly KernelReplacement[] = [pack, unpack, reverse];
