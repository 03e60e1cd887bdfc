/** Calls of kernels that go element by element, broadcast where they take two. */
import { tf } from '../../../src/tf.js';
import {
  booleans,
  CLOSE,
  EXACT,
  type Input,
  integers,
  type KernelCase,
  normals,
  SPECIAL,
  specials,
} from './inputs.js';

/** The last numbers of one shape and another that tfjs broadcasts, up to rank 5. */
export const BROADCASTS: readonly (readonly [number[], number[]])[] = [
  [[], []],
  [[1], []],
  [[5], [5]],
  [[], [17]],
  [[33], []],
  [[3, 4], [4]],
  [[3], [2, 3]],
  [
    [3, 4],
    [3, 1],
  ],
  [
    [3, 1],
    [1, 4],
  ],
  [
    [7, 16],
    [7, 16],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 1, 20],
    [1, 3, 20],
  ],
  [
    [2, 3, 1, 5],
    [4, 1],
  ],
  [
    [1, 2, 1, 3, 2],
    [2, 1, 3, 1, 2],
  ],
  [
    [2, 3, 2, 3, 5],
    [2, 1, 2, 1, 5],
  ],
  [[300, 70], [70]],
  [
    [70, 1],
    [1, 300],
  ],
  [
    [1, 40000],
    [3, 1],
  ],
  [
    [200, 401],
    [200, 401],
  ],
];

const SOME_BROADCASTS = BROADCASTS.filter((_, i) => i % 2 === 0);

/** Shapes for functions of one tensor. */
const SHAPES: readonly number[][] = [[], [1], [7], [16], [3, 5], [2, 3, 4], [2, 1, 3, 2, 2], [70001]];

function unary(kernel: string, options: Partial<KernelCase> = CLOSE): KernelCase[] {
  const inputs = [...SHAPES.map((shape, i) => normals(shape, i)), specials([SPECIAL.length], 'fast')];
  return inputs.map((x) => ({ kernel, inputs: { x }, attrs: {}, ...options }));
}

function binary(kernel: string, options: Partial<KernelCase> = EXACT, names = ['a', 'b']): KernelCase[] {
  const [first, second] = names as [string, string];
  const square = [SPECIAL.length, SPECIAL.length];
  const pairs: [Input, Input][] = BROADCASTS.map(([a, b], i) => [normals(a, i), normals(b, 50 + i)]);
  pairs.push([specials(square, 'fast'), specials(square, 'slow')]);
  pairs.push([specials([SPECIAL.length, 1], 'fast'), specials([1, SPECIAL.length], 'fast')]);
  return pairs.map(([a, b]) => ({ kernel, inputs: { [first]: a, [second]: b }, attrs: {}, ...options }));
}

function comparison(kernel: string): KernelCase[] {
  const square = [SPECIAL.length, SPECIAL.length];
  const floats = { a: specials(square, 'fast'), b: specials(square, 'slow') };
  return [
    { kernel, inputs: floats, attrs: {} },
    ...SOME_BROADCASTS.flatMap(([a, b], i) => [
      { kernel, inputs: { a: normals(a, i), b: normals(b, 50 + i) }, attrs: {} },
      { kernel, inputs: { a: integers(a, i), b: integers(b, 50 + i) }, attrs: {} },
    ]),
  ];
}

function connective(kernel: string): KernelCase[] {
  return SOME_BROADCASTS.map(([a, b], i) => ({
    kernel,
    inputs: { a: booleans(a, i), b: booleans(b, 50 + i) },
    attrs: {},
  }));
}

export const ELEMENTWISE: readonly KernelCase[] = [
  ...unary(tf.Abs, EXACT),
  ...unary(tf.ClipByValue, { attrs: { clipValueMin: -0.7, clipValueMax: 0 } }),
  ...unary(tf.ClipByValue, { attrs: { clipValueMin: 0, clipValueMax: 0.3 } }),
  // The CPU kernel takes 1 from e^x in double.
  ...unary(tf.Elu, { tolerance: { relative: 4e-7, absolute: 2e-16 } }),
  // The CPU kernel is a formula of Abramowitz and Stegun with an error of 1.5e-7.
  ...unary(tf.Erf, { tolerance: { relative: 0, absolute: 3e-7 } }),
  ...unary(tf.Exp),
  ...unary(tf.Expm1),
  ...unary(tf.Floor, EXACT),
  ...unary(tf.LeakyRelu, { ...CLOSE, attrs: { alpha: 0.2 } }),
  ...unary(tf.Log),
  ...unary(tf.Log1p),
  ...unary(tf.Neg, EXACT),
  ...unary(tf.Reciprocal, EXACT),
  ...unary(tf.Relu, EXACT),
  ...unary(tf.Relu6, EXACT),
  ...unary(tf.Rsqrt),
  ...unary(tf.Selu, { tolerance: { relative: 4e-7, absolute: 4e-16 } }),
  ...unary(tf.Sigmoid),
  ...unary(tf.Sign, EXACT),
  ...unary(tf.Softplus),
  ...unary(tf.Sqrt, EXACT),
  ...unary(tf.Square, EXACT),
  ...unary(tf.Step, { attrs: { alpha: 0 } }),
  ...unary(tf.Step, { attrs: { alpha: 0.25 } }),
  ...unary(tf.Tanh),
  ...binary(tf.Add),
  ...binary(tf.EluGrad, CLOSE, ['dy', 'y']).filter(({ inputs }) => {
    const { dy, y } = inputs as Record<string, Input>;
    return dy?.shape.join() === y?.shape.join();
  }),
  ...binary(tf.Maximum),
  ...binary(tf.Minimum),
  ...binary(tf.Multiply),
  ...binary(tf.Pow, CLOSE),
  ...binary(tf.Prelu, CLOSE, ['x', 'alpha']),
  ...binary(tf.RealDiv),
  ...binary(tf.SquaredDifference, CLOSE),
  ...binary(tf.Sub),
];

export const LOGIC: readonly KernelCase[] = [
  ...[tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual].flatMap(comparison),
  ...[tf.LogicalAnd, tf.LogicalOr].flatMap(connective),
  ...SHAPES.map((shape, i) => ({ kernel: tf.LogicalNot, inputs: { x: booleans(shape, i) }, attrs: {} })),
  ...SHAPES.flatMap((shape, i) =>
    [normals, integers, booleans].map((make) => ({
      kernel: tf.Select,
      inputs: { condition: booleans(shape, i), t: make(shape, i + 1), e: make(shape, i + 2) },
      attrs: {},
    })),
  ),
  ...SHAPES.flatMap((shape, i) => [
    ...['int32', 'bool'].map((dtype) => ({
      kernel: tf.Cast,
      inputs: { x: normals(shape, i) },
      attrs: { dtype },
    })),
    ...['float32', 'bool'].map((dtype) => ({
      kernel: tf.Cast,
      inputs: { x: integers(shape, i) },
      attrs: { dtype },
    })),
    { kernel: tf.Cast, inputs: { x: booleans(shape, i) }, attrs: { dtype: 'float32' } },
  ]),
  ...['int32', 'bool'].map((dtype) => ({
    kernel: tf.Cast,
    inputs: { x: specials([SPECIAL.length], 'fast') },
    attrs: { dtype },
  })),
];
