import type { BinaryFunction, Elements, IntegerBinaryFunction, Layout } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { inputList, type KernelCall, type KernelReplacement, type Operand, operand } from '../kernel.js';
import { aligned, broadcast } from '../layout.js';

/** What the addon calls a function of two tensors, for each type that it takes. */
interface Names {
  readonly float32?: BinaryFunction;
  readonly int32?: IntegerBinaryFunction;
}

type Run = (a: Elements, b: Elements, out: Elements, layout: Layout) => void;

/** The addon's function for operands of one type; undefined where the CPU kernel has to do. */
function runOf({ native }: KernelCall, names: Names, { dtype }: Operand): Run | undefined {
  const { float32, int32 } = names;
  if (dtype === 'float32' && float32 !== undefined) return native.tensorBinary[float32] as Run;
  if (dtype === 'int32' && int32 !== undefined) return native.tensorIntegerBinary[int32] as Run;
  return undefined;
}

/** A function of two tensors of one type, broadcast against each other. */
function binary(
  kernelName: string,
  names: Names,
  inputs: readonly [string, string] = ['a', 'b'],
): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const a = operand(call, call.inputs[inputs[0]]);
      const b = operand(call, call.inputs[inputs[1]]);
      if (a === null || b === null || a.dtype !== b.dtype) return null;
      const run = runOf(call, names, a);
      const walk = run === undefined ? null : broadcast(a.shape, b.shape);
      if (run === undefined || walk === null) return null;
      const out = call.backend.allocate(a.dtype, tf.util.sizeFromShape(walk.shape));
      run(a.values, b.values, out, walk.layout);
      return call.backend.adopt(out, walk.shape, a.dtype);
    },
  };
}

const ADD: Names = { float32: 'add', int32: 'add' };

/** The sum of several tensors of one shape, from the first on. */
const addN: KernelReplacement = {
  kernelName: tf.AddN,
  run: (call) => {
    const found = inputList(call).map((tensor) => operand(call, tensor));
    if (found.length < 2 || found.includes(null)) return null;
    const [first, ...rest] = found as [Operand, ...Operand[]];
    const run = runOf(call, ADD, first);
    const size = first.values.length;
    const isAlike = ({ dtype, values }: Operand) => dtype === first.dtype && values.length === size;
    if (run === undefined || !rest.every(isAlike)) return null;
    const { backend } = call;
    let sum = first.values;
    for (const { values } of rest) {
      const next = backend.allocate(first.dtype, size);
      run(sum, values, next, aligned(size));
      if (sum !== first.values) backend.release(sum);
      sum = next;
    }
    return backend.adopt(sum, first.shape, first.dtype);
  },
};

export const binaryKernels: readonly KernelReplacement[] = [
  binary(tf.Add, ADD),
  binary(tf.EluGrad, { float32: 'eluGrad' }, ['dy', 'y']),
  binary(tf.FloorDiv, { int32: 'floorDivide' }),
  binary(tf.Maximum, { float32: 'maximum', int32: 'maximum' }),
  binary(tf.Minimum, { float32: 'minimum', int32: 'minimum' }),
  binary(tf.Mod, { int32: 'modulo' }),
  binary(tf.Multiply, { float32: 'multiply', int32: 'multiply' }),
  binary(tf.Pow, { float32: 'pow' }),
  binary(tf.Prelu, { float32: 'prelu' }, ['x', 'alpha']),
  binary(tf.RealDiv, { float32: 'divide' }),
  binary(tf.SquaredDifference, { float32: 'squaredDifference', int32: 'squaredDifference' }),
  binary(tf.Sub, { float32: 'sub', int32: 'sub' }),
  addN,
];
