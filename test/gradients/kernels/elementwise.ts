/** Kernels that go entry by entry. */
import { type Tensor, tf } from '../../../src/tf.js';
import { tensorOf } from '../law.js';
import { type Doubles, entry, erf, filled, map, sigmoid, zip } from '../reference/arrays.js';
import { clearOf, type Draw, type KernelEntry } from './draw.js';

interface Options {
  /** Where the numbers are from. */
  readonly range?: readonly [number, number];
  /** Zero where a derivative jumps. */
  readonly kinks?: (...entries: number[]) => number;
}

/** Without a kink anywhere. */
const smooth = () => 1;

function unary(
  kernel: string,
  op: (x: Tensor) => Tensor,
  f: (x: number) => number,
  { range = [-1.5, 1.5], kinks = smooth }: Options = {},
): KernelEntry {
  return {
    kernel,
    draw: (draw) => ({
      op: (x) => op(x as Tensor),
      reference: map(f),
      inputs: [clearOf(() => draw.numbers(draw.shape(), ...range), map(kinks) as (x: Doubles) => Doubles)],
    }),
  };
}

function binary(
  kernel: string,
  op: (a: Tensor, b: Tensor) => Tensor,
  f: (a: number, b: number) => number,
  { range = [-1.5, 1.5], kinks = smooth }: Options = {},
  shapes = (draw: Draw) => draw.broadcasts(2),
): KernelEntry {
  return {
    kernel,
    draw: (draw) => ({
      op: (a, b) => op(a as Tensor, b as Tensor),
      reference: zip(f as (...entries: number[]) => number),
      inputs: clearOf(
        () => shapes(draw).map((shape) => draw.numbers(shape, ...range)),
        (inputs) => zip(kinks)(...inputs),
      ),
    }),
  };
}

const zero = { kinks: (x: number) => x };
const positive = { range: [0.5, 2] } as const;
const apart = { kinks: (a: number, b: number) => a - b };

const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];

/** A mask of truth values at random places. */
function mask(draw: Draw, shape: readonly number[]): Doubles {
  return map((x) => (x > 0 ? 1 : 0))(draw.numbers(shape));
}

const boolean = (values: Doubles): Tensor => tf.cast(tensorOf(values), 'bool');

/** a where the comparison holds, else 0. */
function comparison(
  kernel: string,
  op: (a: Tensor, b: Tensor) => Tensor,
  holds: (a: number, b: number) => boolean,
): KernelEntry {
  return binary(
    kernel,
    (a, b) => tf.mul(a, tf.cast(op(a, b), 'float32')),
    (a, b) => (holds(a, b) ? a : 0),
    apart,
  );
}

export const ELEMENTWISE: readonly KernelEntry[] = [
  unary(tf.Abs, tf.abs, Math.abs, zero),
  unary(
    tf.ClipByValue,
    (x) => tf.clipByValue(x, -0.6, 0.5),
    (x) => Math.min(0.5, Math.max(-0.6, x)),
    {
      kinks: (x) => (x + 0.6) * (x - 0.5),
    },
  ),
  unary(tf.Elu, tf.elu, (x) => (x < 0 ? Math.expm1(x) : x), zero),
  unary(tf.Erf, tf.erf, erf),
  unary(tf.Exp, tf.exp, Math.exp),
  unary(
    tf.Floor,
    (x) => tf.mul(x, tf.floor(tf.mul(x, 2))),
    (x) => x * Math.floor(2 * x),
    {
      kinks: (x) => Math.sin(2 * Math.PI * x),
    },
  ),
  unary(tf.Identity, tf.clone, (x) => x),
  unary(
    tf.LeakyRelu,
    (x) => tf.leakyRelu(x, 0.3),
    (x) => (x < 0 ? 0.3 * x : x),
    zero,
  ),
  unary(tf.Log, tf.log, Math.log, positive),
  unary(tf.Log1p, tf.log1p, Math.log1p, { range: [-0.6, 2] }),
  unary(tf.Neg, tf.neg, (x) => -x),
  unary(tf.Relu, tf.relu, (x) => Math.max(0, x), zero),
  unary(tf.Rsqrt, tf.rsqrt, (x) => x ** -0.5, positive),
  unary(tf.Selu, tf.selu, (x) => SELU_SCALE * (x < 0 ? SELU_ALPHA * Math.expm1(x) : x), zero),
  unary(tf.Sigmoid, tf.sigmoid, sigmoid),
  unary(tf.Softplus, tf.softplus, (x) => Math.log1p(Math.exp(x))),
  unary(tf.Sqrt, tf.sqrt, Math.sqrt, positive),
  unary(tf.Square, tf.square, (x) => x * x),
  unary(
    tf.Step,
    (x) => tf.mul(x, tf.step(x, 0.3)),
    (x) => (x < 0 ? 0.3 * x : x),
    zero,
  ),
  unary(tf.Tanh, tf.tanh, Math.tanh),
  unary(
    tf.ZerosLike,
    (x) => tf.add(tf.square(x), tf.zerosLike(x)),
    (x) => x * x,
  ),
  binary(tf.Add, tf.add, (a, b) => a + b),
  binary(tf.Maximum, tf.maximum, Math.max, apart),
  binary(tf.Minimum, tf.minimum, Math.min, apart),
  binary(tf.Multiply, tf.mul, (a, b) => a * b),
  binary(tf.Pow, tf.pow, (a, b) => a ** b, positive),
  binary(
    tf.Prelu,
    tf.prelu,
    (x, alpha) => (x < 0 ? alpha * x : x),
    zero,
    (draw) => {
      const shape = draw.shape(1, 4);
      return [shape, shape.slice(draw.int(0, shape.length))];
    },
  ),
  binary(tf.RealDiv, tf.div, (a, b) => a / b, positive),
  binary(tf.Sub, tf.sub, (a, b) => a - b),
  binary(
    tf.EluGrad,
    (dy, y) => tf.engine().runKernel(tf.EluGrad, { dy, y }) as Tensor,
    (dy, y) => (y < 0 ? dy * (y + 1) : dy),
    { kinks: (_, y) => y as number },
    (draw) => {
      const shape = draw.shape();
      return [shape, shape];
    },
  ),
  comparison(tf.Greater, tf.greater, (a, b) => a > b),
  comparison(tf.GreaterEqual, tf.greaterEqual, (a, b) => a >= b),
  comparison(tf.LessEqual, tf.lessEqual, (a, b) => a <= b),
  binary(
    tf.LogicalAnd,
    (a, b) => tf.where(tf.logicalAnd(tf.greater(a, -0.3), tf.less(b, 0.3)), tf.mul(a, b), tf.square(b)),
    (a, b) => (a > -0.3 && b < 0.3 ? a * b : b * b),
    { kinks: (a, b) => ((a as number) + 0.3) * ((b as number) - 0.3) },
  ),
  {
    kernel: tf.Cast,
    draw: (draw) => {
      const shape = draw.shape();
      const truth = mask(draw, shape);
      return {
        op: (x) => tf.mul(x as Tensor, tf.cast(boolean(truth), 'float32')),
        reference: (x) => filled(shape, (at) => entry(x as Doubles, at) * entry(truth, at)),
        inputs: [draw.numbers(shape)],
      };
    },
  },
  {
    kernel: tf.Select,
    draw: (draw) => {
      const shape = draw.shape();
      const truth = mask(draw, shape);
      return {
        op: (a, b) => tf.where(boolean(truth), a as Tensor, b as Tensor),
        reference: (a, b) => filled(shape, (at) => entry((entry(truth, at) === 1 ? a : b) as Doubles, at)),
        inputs: [draw.numbers(shape), draw.numbers(shape)],
      };
    },
  },
];
