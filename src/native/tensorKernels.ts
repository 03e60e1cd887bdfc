import type { ImageCalls } from './imageKernels.js';
import type { RecurrentCalls } from './recurrentKernels.js';

/** Typed arrays that hold tensors. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/**
 * How two operands are walked together: [rank, dims, steps of the first, steps of the second], `rank`
 * numbers of each, from the outermost dimension. What follows in the array is not read.
 */
export type Layout = Int32Array;

/** out[i] = f(x[i]); p and q are what the function's name takes: alpha, or the bounds of `clip`. */
export type UnaryCall = (x: Float32Array, out: Float32Array, p?: number, q?: number) => void;

/** out = f(a, b) over the layout of a and b, whose innermost steps are 0 or 1; out is contiguous. */
export type BinaryCall = (a: Float32Array, b: Float32Array, out: Float32Array, layout: Layout) => void;

/** The same of int32. */
export type IntegerUnaryCall = (x: Int32Array, out: Int32Array, p?: number, q?: number) => void;
export type IntegerBinaryCall = (a: Int32Array, b: Int32Array, out: Int32Array, layout: Layout) => void;

export type CompareCall = <T extends Elements>(a: T, b: T, out: Uint8Array, layout: Layout) => void;

export type ConnectCall = (a: Uint8Array, b: Uint8Array, out: Uint8Array, layout: Layout) => void;

/**
 * x is [outer, count, inner], reduced over its middle; out [outer, inner], of the type of x but for places,
 * which are int32. `mean` takes float32, `all` and `any` take bool, the others float32 and int32.
 */
export type ReduceCall = (x: Elements, out: Elements, outer: number, count: number, inner: number) => void;

/**
 * out [batch, rows, columns] = finish(a · b + bias), a [rows, inner] (or its transpose) and
 * b [inner, columns] (or its transpose) starting where the layout of the batch leads; bias [columns].
 */
export type MatMulCall = (
  a: Float32Array,
  b: Float32Array,
  bias: Float32Array | null,
  out: Float32Array,
  rows: number,
  columns: number,
  inner: number,
  transposeA: boolean,
  transposeB: boolean,
  layout: Layout,
  alpha: number,
) => void;

/**
 * [batch, in channels, out channels], then for the rows and for the columns [inputs, outputs, filter,
 * stride, dilation, places before the first]: output o meets input o · stride − before + tap · dilation.
 */
export type ConvolutionGeometry = Int32Array;

/**
 * Images x and out [batch, rows, columns, channels], filter [rows, columns, in channels, out channels];
 * bias and, for a leaky relu in place of its alpha, slopes: one for each of the out channels.
 */
export type ConvolutionCall = (
  x: Float32Array,
  filter: Float32Array,
  bias: Float32Array | null,
  slopes: Float32Array | null,
  out: Float32Array,
  geometry: ConvolutionGeometry,
  alpha: number,
) => void;

/** out, the gradient of a convolution, from two of its input x, its filter and its output's gradient dy. */
export type ConvolutionGradientCall = (
  first: Float32Array,
  second: Float32Array,
  out: Float32Array,
  geometry: ConvolutionGeometry,
) => void;

/** a, lu [batch, n, n]; order [batch, n]; sign, logAbsDet [batch]: see `LU_FACTOR` of the backend. */
export type LuFactorCall = (
  a: Float32Array,
  lu: Float32Array,
  order: Int32Array,
  sign: Float32Array,
  logAbsDet: Float32Array,
  n: number,
) => void;

/** x = solutions for b, both [batch, n, columns], of the matrices with these factors. */
export type LuSolveCall = (
  lu: Float32Array,
  order: Int32Array,
  b: Float32Array,
  x: Float32Array,
  n: number,
  columns: number,
  transpose: boolean,
) => void;

/** The same for the triangles of t [batch, n, n]. */
export type TriangularSolveCall = (
  t: Float32Array,
  b: Float32Array,
  x: Float32Array,
  n: number,
  columns: number,
  lower: boolean,
  unitDiagonal: boolean,
  transpose: boolean,
) => void;

/**
 * One Adam update of parameters, m and v in place: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
 * parameters ← parameters − rate·m / (√(correction·v) + epsilon).
 */
export type AdamCall = (
  parameters: Float32Array,
  gradient: Float32Array,
  m: Float32Array,
  v: Float32Array,
  beta1: number,
  beta2: number,
  rate: number,
  correction: number,
  epsilon: number,
) => void;

export type UnaryFunction =
  | 'abs'
  | 'clip'
  | 'elu'
  | 'erf'
  | 'exp'
  | 'expm1'
  | 'floor'
  | 'leakyRelu'
  | 'log'
  | 'log1p'
  | 'neg'
  | 'reciprocal'
  | 'relu'
  | 'relu6'
  | 'rsqrt'
  | 'selu'
  | 'sigmoid'
  | 'sign'
  | 'softplus'
  | 'sqrt'
  | 'square'
  | 'step'
  | 'tanh';

export type BinaryFunction =
  | 'add'
  | 'sub'
  | 'multiply'
  | 'divide'
  | 'maximum'
  | 'minimum'
  | 'squaredDifference'
  | 'eluGrad'
  | 'prelu'
  | 'pow';

export type IntegerUnaryFunction = 'abs' | 'clip' | 'neg' | 'relu' | 'relu6' | 'sign' | 'square' | 'step';

/** `floorDivide` and `modulo` by 0 give 0. */
export type IntegerBinaryFunction =
  | 'add'
  | 'sub'
  | 'multiply'
  | 'floorDivide'
  | 'modulo'
  | 'maximum'
  | 'minimum'
  | 'squaredDifference';

export type Comparison = 'equal' | 'notEqual' | 'greater' | 'greaterEqual' | 'less' | 'lessEqual';
export type Connective = 'logicalAnd' | 'logicalOr';
export type Reducer = 'sum' | 'mean' | 'max' | 'min' | 'prod' | 'all' | 'any' | 'argMax' | 'argMin';
export type MatMulFinish = 'linear' | 'relu' | 'relu6' | 'elu' | 'leakyrelu' | 'sigmoid';

/**
 * The functions of the .node file that the tensor backend uses. Every call checks its arguments
 * first (types, lengths, that layouts stay inside, that the output overlaps no input, that nothing is
 * empty) and throws a TypeError naming the argument; outputs are written in full, save by
 * `tensorCopy`, which writes where its layout leads.
 */
export interface TensorKernels extends RecurrentCalls, ImageCalls {
  /** How many bytes the first one of `memory` lies beyond an address that is a multiple of 64. */
  readonly tensorMisalignment: (memory: Uint8Array) => number;
  readonly tensorUnary: Readonly<Record<UnaryFunction, UnaryCall>>;
  readonly tensorBinary: Readonly<Record<BinaryFunction, BinaryCall>>;
  /** out[i] = dy[i], times `slope` where x[i] is 0 or less; NaN where it is NaN. */
  readonly tensorLeakyReluGradient: (
    dy: Float32Array,
    x: Float32Array,
    out: Float32Array,
    slope: number,
  ) => void;
  readonly tensorIntegerUnary: Readonly<Record<IntegerUnaryFunction, IntegerUnaryCall>>;
  readonly tensorIntegerBinary: Readonly<Record<IntegerBinaryFunction, IntegerBinaryCall>>;
  readonly tensorCompare: Readonly<Record<Comparison, CompareCall>>;
  readonly tensorConnect: Readonly<Record<Connective, ConnectCall>>;
  readonly tensorNot: (x: Uint8Array, out: Uint8Array) => void;
  /** out[i] = condition[i] is 1 ? a[i] : b[i]. */
  readonly tensorSelect: <T extends Elements>(condition: Uint8Array, a: T, b: T, out: T) => void;
  /** JavaScript's conversions between float32, int32 and bool. */
  readonly tensorConvert: (x: Elements, out: Elements) => void;
  readonly tensorReduce: Readonly<Record<Reducer, ReduceCall>>;
  /** Softmax of each row of [rows, columns]. */
  readonly tensorSoftmax: (x: Float32Array, out: Float32Array, columns: number) => void;
  /** out[r] = Σ_j labels[r, j] (log Σ_k exp(logits[r, k]) − logits[r, j]) for as many rows as out has numbers. */
  readonly tensorCrossEntropy: (labels: Float32Array, logits: Float32Array, out: Float32Array) => void;
  /** The gradient of these with respect to the logits, along dy of a number for each row. */
  readonly tensorCrossEntropyGradient: (
    labels: Float32Array,
    logits: Float32Array,
    dy: Float32Array,
    out: Float32Array,
  ) => void;
  readonly tensorMatMul: Readonly<Record<MatMulFinish, MatMulCall>>;
  readonly tensorAdam: AdamCall;
  readonly tensorConvolution: Readonly<Record<MatMulFinish, ConvolutionCall>>;
  /** Of dy and the filter. */
  readonly tensorConvolutionInput: ConvolutionGradientCall;
  /** Of x and dy. */
  readonly tensorConvolutionFilter: ConvolutionGradientCall;
  /** Channel by channel: the filter is [rows, columns, channels, multiple], the out channels their product. */
  readonly tensorDepthwise: Readonly<Record<MatMulFinish, ConvolutionCall>>;
  readonly tensorDepthwiseInput: ConvolutionGradientCall;
  readonly tensorDepthwiseFilter: ConvolutionGradientCall;
  readonly tensorLuFactor: LuFactorCall;
  readonly tensorLuSolve: LuSolveCall;
  readonly tensorTriangularSolve: TriangularSolveCall;
  /** Copies from place to place of a layout, moved by the two starts. */
  readonly tensorCopy: <T extends Elements>(
    from: T,
    fromStart: number,
    to: T,
    toStart: number,
    layout: Layout,
  ) => void;
}
