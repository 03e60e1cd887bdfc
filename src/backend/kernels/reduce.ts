import type { Elements, Reducer } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import type { ElementType } from '../backend.js';
import {
  converting,
  floatOperand,
  type KernelCall,
  type KernelReplacement,
  type Operand,
  operand,
} from '../kernel.js';
import { copyLayout, rowMajorSteps } from '../layout.js';

/** x as [outer, count, inner], where a reduction over `count` is the one asked for. */
interface View {
  readonly values: Elements;
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
function reductionView(call: KernelCall, x: Operand, axes: readonly number[]): View | null {
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
  const copy: Elements = call.backend.allocate(x.dtype, values.length);
  call.native.tensorCopy(values, 0, copy, 0, layout);
  const count = axes.reduce((size, axis) => size * (shape[axis] as number), 1);
  return { values: copy, outer: values.length / count, count, inner: 1 };
}

/** The type of the results for each type that a reduction takes; the others take the CPU kernel. */
type Results = Readonly<Partial<Record<ElementType, ElementType>>>;

const SAME: Results = { float32: 'float32', int32: 'int32' };
const FLOATS: Results = { float32: 'float32' };
const BOOLEANS: Results = { bool: 'bool' };
const PLACES: Results = { float32: 'int32', int32: 'int32' };

function reduce(kernelName: string, name: Reducer, results: Results, axisName = 'axis'): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const x = operand(call, call.inputs.x);
      const type = x === null ? undefined : results[x.dtype];
      if (x === null || type === undefined) return null;
      const { backend } = call;
      // tfjs puts axes in order and refuses those that are out of range, or twice there.
      const axes = tf.util.parseAxisParam(call.attrs[axisName] as number | number[], x.shape);
      // Of several axes the CPU kernel finds places along the first.
      if (results === PLACES && axes.length !== 1) return null;
      const view = reductionView(
        call,
        x,
        [...axes].sort((a, b) => a - b),
      );
      if (view === null) return null;
      const [kept] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
      const shape = call.attrs.keepDims === true ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
      const out = backend.allocate(type, view.outer * view.inner);
      call.native.tensorReduce[name](view.values, out, view.outer, view.count, view.inner);
      if (view.values !== x.values) backend.release(view.values);
      return backend.adopt(out, shape, type);
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
  reduce(tf.Sum, 'sum', SAME),
  converting(reduce(tf.Mean, 'mean', FLOATS), 'x'),
  reduce(tf.Max, 'max', SAME, 'reductionIndices'),
  reduce(tf.Min, 'min', SAME),
  reduce(tf.Prod, 'prod', SAME),
  reduce(tf.All, 'all', BOOLEANS),
  reduce(tf.Any, 'any', BOOLEANS),
  reduce(tf.ArgMax, 'argMax', PLACES),
  reduce(tf.ArgMin, 'argMin', PLACES),
  softmax,
];
