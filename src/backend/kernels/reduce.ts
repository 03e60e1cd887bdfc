import type { Reducer } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { floatOperand, type KernelCall, type KernelReplacement, type Operand } from '../kernel.js';
import { copyLayout, rowMajorSteps } from '../layout.js';

/** x as [outer, count, inner], where a reduction over `count` is the one asked for. */
interface View {
  readonly values: Float32Array;
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

function product(shape: readonly number[], from: number, to: number): number {
  let size = 1;
  for (let i = from; i < to; i++) size *= shape[i] as number;
  return size;
}

/** The reduced dimensions as one, in place where they follow each other, else in a transposed copy. */
function reductionView(call: KernelCall, x: Operand<Float32Array>, axes: readonly number[]): View | null {
  const { shape, values } = x;
  const wide = axes.filter((axis) => shape[axis] !== 1);
  const first = wide[0] ?? shape.length;
  const last = wide[wide.length - 1] ?? first - 1;
  let isRun = true;
  for (let i = first; i <= last; i++) isRun &&= shape[i] === 1 || axes.includes(i);
  if (isRun) {
    return {
      values,
      outer: product(shape, 0, first),
      count: product(shape, first, last + 1),
      inner: product(shape, last + 1, shape.length),
    };
  }
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const sizes = order.map((i) => shape[i] as number);
  const steps = rowMajorSteps(shape);
  const layout = copyLayout(
    sizes,
    order.map((i) => steps[i] as number),
    rowMajorSteps(sizes),
  );
  if (layout === null) return null;
  const copy = call.backend.allocate('float32', values.length);
  call.native.tensorCopy(values, 0, copy, 0, layout);
  const count = axes.reduce((size, axis) => size * (shape[axis] as number), 1);
  return { values: copy, outer: values.length / count, count, inner: 1 };
}

function reduce(kernelName: string, name: Reducer, axisName: string): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const x = floatOperand(call, call.inputs.x);
      if (x === null) return null;
      const { backend } = call;
      // tfjs puts axes in order and refuses those that are out of range, or twice there.
      const axes = tf.util.parseAxisParam(call.attrs[axisName] as number | number[], x.shape);
      const view = reductionView(
        call,
        x,
        [...axes].sort((a, b) => a - b),
      );
      if (view === null) return null;
      const [kept] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
      const shape = call.attrs.keepDims === true ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
      const out = backend.allocate('float32', view.outer * view.inner);
      call.native.tensorReduce[name](view.values, out, view.outer, view.count, view.inner);
      if (view.values !== x.values) backend.release(view.values);
      return backend.adopt(out, shape, 'float32');
    },
  };
}

/** Over the last dimension, the only one that tfjs allows. */
const softmax: KernelReplacement = {
  kernelName: tf.Softmax,
  run: (call) => {
    const logits = floatOperand(call, call.inputs.logits);
    const dim = call.attrs.dim;
    if (logits === null || logits.shape.length === 0) return null;
    if (dim !== -1 && dim !== logits.shape.length - 1) return null;
    const out = call.backend.allocate('float32', logits.values.length);
    call.native.tensorSoftmax(logits.values, out, logits.shape[logits.shape.length - 1] as number);
    return call.backend.adopt(out, logits.shape, 'float32');
  },
};

export const reduceKernels: readonly KernelReplacement[] = [
  reduce(tf.Sum, 'sum', 'axis'),
  reduce(tf.Mean, 'mean', 'axis'),
  reduce(tf.Max, 'max', 'reductionIndices'),
  reduce(tf.Min, 'min', 'axis'),
  softmax,
];
