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

export type CompareCall = <T extends Float32Array | Int32Array>(
  a: T,
  b: T,
  out: Uint8Array,
  layout: Layout,
) => void;

export type ConnectCall = (a: Uint8Array, b: Uint8Array, out: Uint8Array, layout: Layout) => void;

/** x is [outer, count, inner], reduced over its middle; out [outer, inner]. */
export type ReduceCall = (
  x: Float32Array,
  out: Float32Array,
  outer: number,
  count: number,
  inner: number,
) => void;

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

/** What the calls for recurrent layers end with. */
export type RecurrentOptions = [
  steps: number,
  channels: number,
  units: number,
  hardSigmoid: boolean,
  reverse: boolean,
];

/**
 * An LSTM over x [n, t, c] with weights as `Walk` of the backend has them; the state [n, u] after it to h
 * and c, and where wanted h after every step to outputs [n, t, u], and for the gradient the gates'
 * activations [n, t, 4 · u], c after every step and h before it [n, t, u].
 */
export type LstmCall = (
  x: Float32Array,
  kernel: Float32Array,
  recurrent: Float32Array,
  bias: Float32Array,
  initialH: Float32Array,
  initialC: Float32Array,
  h: Float32Array,
  c: Float32Array,
  outputs: Float32Array | null,
  gates: Float32Array | null,
  cells: Float32Array | null,
  previous: Float32Array | null,
  ...options: RecurrentOptions
) => void;

/** From the gradients of h, c and outputs those of the gates' sums, of `recurrent` and of the state before. */
export type LstmGradientCall = (
  gates: Float32Array,
  cells: Float32Array,
  previous: Float32Array,
  recurrent: Float32Array,
  initialC: Float32Array,
  dh: Float32Array,
  dc: Float32Array,
  dOutputs: Float32Array | null,
  dGates: Float32Array,
  dRecurrent: Float32Array,
  dInitialH: Float32Array,
  dInitialC: Float32Array,
  ...options: RecurrentOptions
) => void;

/**
 * The same for a GRU. With a `recurrentBias` [3 · u] its reset gate comes after the product of the state and
 * its weights; `inner` [n, t, u] is then what that gate multiplies, and else the product.
 */
export type GruCall = (
  x: Float32Array,
  kernel: Float32Array,
  recurrent: Float32Array,
  bias: Float32Array,
  recurrentBias: Float32Array | null,
  initialH: Float32Array,
  h: Float32Array,
  outputs: Float32Array | null,
  gates: Float32Array | null,
  inner: Float32Array | null,
  previous: Float32Array | null,
  ...options: RecurrentOptions
) => void;

/** With `dRecurrentGates`, of what the state says to the gates, where the reset gate comes after the product. */
export type GruGradientCall = (
  gates: Float32Array,
  inner: Float32Array,
  previous: Float32Array,
  recurrent: Float32Array,
  dh: Float32Array,
  dOutputs: Float32Array | null,
  dGates: Float32Array,
  dRecurrentGates: Float32Array | null,
  dRecurrent: Float32Array,
  dInitialH: Float32Array,
  ...options: RecurrentOptions
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
  | 'eluGrad';

export type Comparison = 'equal' | 'notEqual' | 'greater' | 'greaterEqual' | 'less' | 'lessEqual';
export type Connective = 'logicalAnd' | 'logicalOr';
export type Reducer = 'sum' | 'mean' | 'max' | 'min';
export type MatMulFinish = 'linear' | 'relu' | 'relu6' | 'elu' | 'leakyrelu' | 'sigmoid';

/**
 * The functions of the .node file that the tensor backend uses. Every call checks its arguments
 * first (types, lengths, that layouts stay inside, that the output overlaps no input, that nothing is
 * empty) and throws a TypeError naming the argument; outputs are written in full, save by
 * `tensorCopy`, which writes where its layout leads.
 */
export interface TensorKernels {
  readonly tensorUnary: Readonly<Record<UnaryFunction, UnaryCall>>;
  readonly tensorBinary: Readonly<Record<BinaryFunction, BinaryCall>>;
  readonly tensorCompare: Readonly<Record<Comparison, CompareCall>>;
  readonly tensorConnect: Readonly<Record<Connective, ConnectCall>>;
  readonly tensorNot: (x: Uint8Array, out: Uint8Array) => void;
  /** out[i] = condition[i] is 1 ? a[i] : b[i]. */
  readonly tensorSelect: <T extends Elements>(condition: Uint8Array, a: T, b: T, out: T) => void;
  /** JavaScript's conversions between float32, int32 and bool; none from int32 to uint8 beyond bool. */
  readonly tensorConvert: (x: Elements, out: Elements) => void;
  readonly tensorReduce: Readonly<Record<Reducer, ReduceCall>>;
  /** Softmax of each row of [rows, columns]. */
  readonly tensorSoftmax: (x: Float32Array, out: Float32Array, columns: number) => void;
  readonly tensorMatMul: Readonly<Record<MatMulFinish, MatMulCall>>;
  readonly tensorLuFactor: LuFactorCall;
  readonly tensorLuSolve: LuSolveCall;
  readonly tensorTriangularSolve: TriangularSolveCall;
  readonly tensorLstm: LstmCall;
  readonly tensorLstmGradient: LstmGradientCall;
  readonly tensorGru: GruCall;
  readonly tensorGruGradient: GruGradientCall;
  /** Copies from place to place of a layout, moved by the two starts. */
  readonly tensorCopy: <T extends Elements>(
    from: T,
    fromStart: number,
    to: T,
    toStart: number,
    layout: Layout,
  ) => void;
}
