import type { Elements } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { inputList, type KernelCall, type KernelReplacement, type Operand, operand } from '../kernel.js';
import { copyLayout, rowMajorSteps } from '../layout.js';

const transpose: KernelReplacement = {
  kernelName: tf.Transpose,
  run: (call) => {
    const x = operand(call, call.inputs.x);
    if (x === null) return null;
    const order = call.attrs.perm as number[];
    // tfjs does not look whether a dimension is named twice.
    if (new Set(order).size < order.length) return null;
    const shape = order.map((i) => x.shape[i] as number);
    const steps = rowMajorSteps(x.shape);
    const layout = copyLayout(
      shape,
      order.map((i) => steps[i] as number),
      rowMajorSteps(shape),
    );
    if (layout === null) return null;
    const out = call.backend.allocate(x.dtype, x.values.length);
    call.native.tensorCopy<Elements>(x.values, 0, out, 0, layout);
    return call.backend.adopt(out, shape, x.dtype);
  },
};

const tile: KernelReplacement = {
  kernelName: tf.Tile,
  run: (call) => {
    const x = operand(call, call.inputs.x);
    const reps = call.attrs.reps as number[];
    if (x === null || reps.length !== x.shape.length || reps.some((count) => !(count >= 1))) return null;
    const shape = x.shape.map((dim, i) => dim * (reps[i] as number));
    const from = rowMajorSteps(x.shape);
    const to = rowMajorSteps(shape);
    // Every dimension becomes two, the repetitions of it and itself.
    const layout = copyLayout(
      x.shape.flatMap((dim, i) => [reps[i] as number, dim]),
      from.flatMap((step) => [0, step]),
      to.flatMap((step, i) => [step * (x.shape[i] as number), step]),
    );
    if (layout === null) return null;
    const out = call.backend.allocate(x.dtype, tf.util.sizeFromShape(shape));
    call.native.tensorCopy<Elements>(x.values, 0, out, 0, layout);
    return call.backend.adopt(out, shape, x.dtype);
  },
};

function placeOf(index: readonly number[], steps: readonly number[]): number {
  return index.reduce((place, i, axis) => place + i * (steps[axis] as number), 0);
}

/** A copy, of this shape, of the part of x that starts at `begin` and is not empty. */
export function copyOf(
  call: KernelCall,
  x: Operand,
  begin: number[],
  size: number[],
  shape: number[],
): tf.TensorInfo | null {
  const from = rowMajorSteps(x.shape);
  const layout = copyLayout(size, from, rowMajorSteps(size));
  if (layout === null) return null;
  const out = call.backend.allocate(x.dtype, tf.util.sizeFromShape(size));
  call.native.tensorCopy<Elements>(x.values, placeOf(begin, from), out, 0, layout);
  return call.backend.adopt(out, shape, x.dtype);
}

/** The part of x that starts at `begin`; null for a part in one piece, of which the CPU kernel gives a view. */
function part(call: KernelCall, x: Operand, begin: number[], size: number[]): tf.TensorInfo | null {
  if (tf.util.sizeFromShape(size) === 0 || tf.slice_util.isSliceContinous(x.shape, begin, size)) return null;
  return copyOf(call, x, begin, size, size);
}

const slice: KernelReplacement = {
  kernelName: tf.Slice,
  run: (call) => {
    const tensor = call.inputs.x;
    const x = operand(call, tensor);
    if (x === null || tensor === undefined) return null;
    const { begin, size } = call.attrs as { begin: number[]; size: number[] };
    const [from, count] = tf.slice_util.parseSliceParams(tensor as tf.Tensor, begin, size) as [
      number[],
      number[],
    ];
    tf.slice_util.assertParamsValid(tensor as tf.Tensor, from, count);
    return part(call, x, from, count);
  },
};

/** Parts along one axis; the CPU kernel gives views of them where they lie in one piece each. */
const splitV: KernelReplacement = {
  kernelName: tf.SplitV,
  run: (call) => {
    const tensor = call.inputs.x;
    const x = operand(call, tensor);
    if (x === null || tensor === undefined) return null;
    const { numOrSizeSplits, axis } = call.attrs as { numOrSizeSplits: number | number[]; axis: number };
    const along = tf.util.parseAxisParam(axis, x.shape)[0] as number;
    const sizes = tf.backend_util.prepareSplitSize(tensor as tf.Tensor, numOrSizeSplits, along);
    if (sizes.some((size) => size === 0) || x.shape.slice(0, along).every((dim) => dim === 1)) return null;
    const parts: tf.TensorInfo[] = [];
    let start = 0;
    for (const length of sizes) {
      const begin = x.shape.map((_, i) => (i === along ? start : 0));
      const size = x.shape.map((dim, i) => (i === along ? length : dim));
      const made = part(call, x, begin, size);
      if (made === null) {
        for (const before of parts) call.backend.disposeIntermediateTensorInfo(before);
        return null;
      }
      parts.push(made);
      start += length;
    }
    return parts;
  },
};

/** Parts one after the other along an axis of a tensor of this shape. */
export function joined(
  call: KernelCall,
  parts: readonly Operand[],
  shape: number[],
  axis: number,
): tf.TensorInfo {
  const rows = tf.util.sizeFromShape(shape.slice(0, axis));
  const width = tf.util.sizeFromShape(shape.slice(axis));
  const { dtype } = parts[0] as Operand;
  const out = call.backend.allocate(dtype, rows * width);
  let start = 0;
  for (const { values } of parts) {
    const columns = values.length / rows;
    const layout = copyLayout([rows, columns], [columns, 1], [width, 1]);
    if (layout !== null) call.native.tensorCopy<Elements>(values, 0, out, start, layout);
    start += columns;
  }
  return call.backend.adopt(out, shape, dtype);
}

const concat: KernelReplacement = {
  kernelName: tf.Concat,
  run: (call) => {
    const tensors = inputList(call).filter(({ shape }) => tf.util.sizeFromShape(shape) > 0);
    const found = tensors.map((tensor) => operand(call, tensor));
    const first = found[0];
    if (found.length < 2 || first === undefined || first === null) return null;
    if (found.some((part) => part === null || part.dtype !== first.dtype)) return null;
    const parts = found as Operand[];
    const shapes = parts.map(({ shape }) => shape);
    const axis = tf.util.parseAxisParam(call.attrs.axis as number, first.shape)[0] as number;
    tf.backend_util.assertParamsConsistent(shapes, axis);
    return joined(call, parts, tf.backend_util.computeOutShape(shapes, axis), axis);
  },
};

const padV2: KernelReplacement = {
  kernelName: tf.PadV2,
  run: (call) => {
    const x = operand(call, call.inputs.x);
    if (x === null) return null;
    const { paddings, constantValue } = call.attrs as { paddings: [number, number][]; constantValue: number };
    if (paddings.some(([before, after]) => before < 0 || after < 0)) return null;
    const shape = x.shape.map((dim, i) => dim + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0));
    const to = rowMajorSteps(shape);
    const layout = copyLayout(x.shape, rowMajorSteps(x.shape), to);
    if (layout === null) return null;
    const out = call.backend.allocate(x.dtype, tf.util.sizeFromShape(shape));
    out.fill(constantValue);
    const start = placeOf(
      x.shape.map((_, i) => paddings[i]?.[0] ?? 0),
      to,
    );
    call.native.tensorCopy<Elements>(x.values, 0, out, start, layout);
    return call.backend.adopt(out, shape, x.dtype);
  },
};

export const copyKernels: readonly KernelReplacement[] = [transpose, tile, slice, splitV, concat, padV2];
