import { RELU_GRADIENT } from '../../gradients/activations.js';
import type { BinaryFunction } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import {
  floatOperand,
  floatsOf,
  inputList,
  type KernelAddition,
  type KernelReplacement,
  type Operand,
} from '../kernel.js';
import { aligned, broadcast } from '../layout.js';

/** A function of two float32 tensors, broadcast against each other. */
function binary(
  kernelName: string,
  name: BinaryFunction,
  inputs: readonly [string, string] = ['a', 'b'],
): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const a = floatOperand(call, call.inputs[inputs[0]]);
      const b = floatOperand(call, call.inputs[inputs[1]]);
      if (a === null || b === null) return null;
      const walk = broadcast(a.shape, b.shape);
      if (walk === null) return null;
      const out = call.backend.allocate('float32', tf.util.sizeFromShape(walk.shape));
      call.native.tensorBinary[name](a.values, b.values, out, walk.layout);
      return call.backend.adopt(out, walk.shape, 'float32');
    },
  };
}

/** The sum of several tensors of one shape, from the first on. */
const addN: KernelReplacement = {
  kernelName: tf.AddN,
  run: (call) => {
    const found = inputList(call).map((tensor) => floatOperand(call, tensor));
    if (found.length < 2 || found.includes(null)) return null;
    const [first, ...rest] = found as [Operand<Float32Array>, ...Operand<Float32Array>[]];
    if (rest.some(({ values }) => values.length !== first.values.length)) return null;
    const { backend, native } = call;
    const size = first.values.length;
    let sum = first.values;
    for (const { values } of rest) {
      const next = backend.allocate('float32', size);
      native.tensorBinary.add(sum, values, next, aligned(size));
      if (sum !== first.values) backend.release(sum);
      sum = next;
    }
    return backend.adopt(sum, first.shape, 'float32');
  },
};

const reluGradient: KernelAddition = {
  kernelName: RELU_GRADIENT,
  run: (call) => {
    const { shape } = call.inputs.dy as tf.TensorInfo;
    const dy = floatsOf(call, 'dy');
    const out = call.backend.allocate('float32', dy.length);
    call.native.tensorBinary.reluGrad(dy, floatsOf(call, 'y'), out, aligned(dy.length));
    return call.backend.adopt(out, shape, 'float32');
  },
};

export const binaryAdditions: readonly KernelAddition[] = [reluGradient];

export const binaryKernels: readonly KernelReplacement[] = [
  binary(tf.Add, 'add'),
  binary(tf.EluGrad, 'eluGrad', ['dy', 'y']),
  binary(tf.Maximum, 'maximum'),
  binary(tf.Minimum, 'minimum'),
  binary(tf.Multiply, 'multiply'),
  binary(tf.Pow, 'pow'),
  binary(tf.Prelu, 'prelu', ['x', 'alpha']),
  binary(tf.RealDiv, 'divide'),
  binary(tf.SquaredDifference, 'squaredDifference'),
  binary(tf.Sub, 'sub'),
  addN,
];
