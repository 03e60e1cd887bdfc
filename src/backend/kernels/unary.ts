import { LEAKY_RELU_GRAD } from '../../gradients/activations.js';
import type { IntegerUnaryFunction, UnaryFunction } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import {
  converting,
  floatOperand,
  integerOperand,
  type KernelAddition,
  type KernelReplacement,
  storedFloats,
} from '../kernel.js';

type Parameters = (attrs: tf.NamedAttrMap) => [number] | [number, number];

/** A function of each element of float32. */
function unary(kernelName: string, name: UnaryFunction, parameters?: Parameters): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const x = floatOperand(call, call.inputs.x);
      if (x === null) return null;
      const out = call.backend.allocate('float32', x.values.length);
      const run = call.native.tensorUnary[name];
      if (parameters === undefined) run(x.values, out);
      else run(x.values, out, ...parameters(call.attrs));
      return call.backend.adopt(out, x.shape, 'float32');
    },
  };
}

/** The same of float32 and of int32, there with parameters that are int32 themselves. */
function unaryOfBoth(
  kernelName: string,
  name: UnaryFunction & IntegerUnaryFunction,
  parameters?: Parameters,
): KernelReplacement {
  const ofFloats = unary(kernelName, name, parameters);
  return {
    kernelName,
    run: (call) => {
      const x = integerOperand(call, call.inputs.x);
      if (x === null) return ofFloats.run(call);
      const given = parameters?.(call.attrs) ?? [];
      if (given.some((value) => value !== (value | 0))) return null;
      const out = call.backend.allocate('int32', x.values.length);
      call.native.tensorIntegerUnary[name](x.values, out, ...given);
      return call.backend.adopt(out, x.shape, 'int32');
    },
  };
}

const alpha: Parameters = (attrs) => [attrs.alpha as number];

export const unaryKernels: readonly KernelReplacement[] = [
  unaryOfBoth(tf.Abs, 'abs'),
  unaryOfBoth(tf.ClipByValue, 'clip', (attrs) => [
    attrs.clipValueMin as number,
    attrs.clipValueMax as number,
  ]),
  unary(tf.Elu, 'elu'),
  unary(tf.Erf, 'erf'),
  converting(unary(tf.Exp, 'exp'), 'x'),
  unary(tf.Expm1, 'expm1'),
  unary(tf.Floor, 'floor'),
  unary(tf.LeakyRelu, 'leakyRelu', alpha),
  unary(tf.Log, 'log'),
  unary(tf.Log1p, 'log1p'),
  unaryOfBoth(tf.Neg, 'neg'),
  unary(tf.Reciprocal, 'reciprocal'),
  unaryOfBoth(tf.Relu, 'relu'),
  unaryOfBoth(tf.Relu6, 'relu6'),
  unary(tf.Rsqrt, 'rsqrt'),
  unary(tf.Selu, 'selu'),
  unary(tf.Sigmoid, 'sigmoid'),
  unaryOfBoth(tf.Sign, 'sign'),
  unary(tf.Softplus, 'softplus'),
  unary(tf.Sqrt, 'sqrt'),
  unaryOfBoth(tf.Square, 'square'),
  unaryOfBoth(tf.Step, 'step', alpha),
  unary(tf.Tanh, 'tanh'),
];

const leakyReluGrad: KernelAddition = {
  kernelName: LEAKY_RELU_GRAD,
  run: (call) => {
    const [dy, x] = [call.inputs.dy, call.inputs.x] as [tf.TensorInfo, tf.TensorInfo];
    const values = storedFloats(call, dy);
    const out = call.backend.allocate('float32', values.length);
    call.native.tensorLeakyReluGradient(values, storedFloats(call, x), out, call.attrs.alpha as number);
    return call.backend.adopt(out, dy.shape, 'float32');
  },
};

export const unaryAdditions: readonly KernelAddition[] = [leakyReluGrad];
