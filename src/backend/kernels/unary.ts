import type { UnaryFunction } from '../../native/tensorKernels.js';
import { tf } from '../../tf.js';
import { floatOperand, type KernelReplacement } from '../kernel.js';

type Parameters = (attrs: tf.NamedAttrMap) => [number] | [number, number];

/** A function of each element; float32 alone, other types take the CPU kernel. */
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

const alpha: Parameters = (attrs) => [attrs.alpha as number];

export const unaryKernels: readonly KernelReplacement[] = [
  unary(tf.Abs, 'abs'),
  unary(tf.ClipByValue, 'clip', (attrs) => [attrs.clipValueMin as number, attrs.clipValueMax as number]),
  unary(tf.Elu, 'elu'),
  unary(tf.Erf, 'erf'),
  unary(tf.Exp, 'exp'),
  unary(tf.Expm1, 'expm1'),
  unary(tf.Floor, 'floor'),
  unary(tf.LeakyRelu, 'leakyRelu', alpha),
  unary(tf.Log, 'log'),
  unary(tf.Log1p, 'log1p'),
  unary(tf.Neg, 'neg'),
  unary(tf.Reciprocal, 'reciprocal'),
  unary(tf.Relu, 'relu'),
  unary(tf.Relu6, 'relu6'),
  unary(tf.Rsqrt, 'rsqrt'),
  unary(tf.Selu, 'selu'),
  unary(tf.Sigmoid, 'sigmoid'),
  unary(tf.Sign, 'sign'),
  unary(tf.Softplus, 'softplus'),
  unary(tf.Sqrt, 'sqrt'),
  unary(tf.Square, 'square'),
  unary(tf.Step, 'step', alpha),
  unary(tf.Tanh, 'tanh'),
];
