import type { Comparison, Connective } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { type KernelReplacement, operand } from '../kernel.js';
import { broadcast } from '../layout.js';

/** A comparison of two tensors of one type, broadcast; the result is bool. */
function compare(kernelName: string, name: Comparison): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const a = operand(call, call.inputs.a);
      const b = operand(call, call.inputs.b);
      if (a === null || b === null || a.dtype !== b.dtype) return null;
      const walk = broadcast(a.shape, b.shape);
      if (walk === null) return null;
      const out = call.backend.allocate('bool', tf.util.sizeFromShape(walk.shape));
      call.native.tensorCompare[name](a.values, b.values, out, walk.layout);
      return call.backend.adopt(out, walk.shape, 'bool');
    },
  };
}

function connect(kernelName: string, name: Connective): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const a = operand(call, call.inputs.a);
      const b = operand(call, call.inputs.b);
      if (!(a?.values instanceof Uint8Array && b?.values instanceof Uint8Array)) return null;
      const walk = broadcast(a.shape, b.shape);
      if (walk === null) return null;
      const out = call.backend.allocate('bool', tf.util.sizeFromShape(walk.shape));
      call.native.tensorConnect[name](a.values, b.values, out, walk.layout);
      return call.backend.adopt(out, walk.shape, 'bool');
    },
  };
}

const logicalNot: KernelReplacement = {
  kernelName: tf.LogicalNot,
  run: (call) => {
    const x = operand(call, call.inputs.x);
    if (!(x?.values instanceof Uint8Array)) return null;
    const out = call.backend.allocate('bool', x.values.length);
    call.native.tensorNot(x.values, out);
    return call.backend.adopt(out, x.shape, 'bool');
  },
};

/** Element by element; `tf.where` has broadcast the three operands before the kernel runs. */
const select: KernelReplacement = {
  kernelName: tf.Select,
  run: (call) => {
    const condition = operand(call, call.inputs.condition);
    const t = operand(call, call.inputs.t);
    const e = operand(call, call.inputs.e);
    if (!(condition?.values instanceof Uint8Array) || t === null || e === null || t.dtype !== e.dtype)
      return null;
    if (!tf.util.arraysEqual(condition.shape, t.shape) || !tf.util.arraysEqual(t.shape, e.shape)) return null;
    const out = call.backend.allocate(t.dtype, t.values.length);
    call.native.tensorSelect(condition.values, t.values, e.values, out);
    return call.backend.adopt(out, t.shape, t.dtype);
  },
};

export const logicKernels: readonly KernelReplacement[] = [
  compare(tf.Equal, 'equal'),
  compare(tf.Greater, 'greater'),
  compare(tf.GreaterEqual, 'greaterEqual'),
  compare(tf.Less, 'less'),
  compare(tf.LessEqual, 'lessEqual'),
  compare(tf.NotEqual, 'notEqual'),
  connect(tf.LogicalAnd, 'logicalAnd'),
  connect(tf.LogicalOr, 'logicalOr'),
  logicalNot,
  select,
];
