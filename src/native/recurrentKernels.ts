/** What the calls for recurrent layers end with. */
export type RecurrentOptions = [
  steps: number,
  channels: number,
  units: number,
  hardSigmoid: boolean,
  reverse: boolean,
];

/**
 * An LSTM over x [n, t, c] with weights as tf.layers has them: the state [n, u] after it to h and c, where
 * wanted h after every step to outputs [n, t, u], and for the gradient, step by step, the gates' activations
 * [t, n, 4 · u], rows [t + 1, n, c + 1 + u] of what goes into the products, and the cells [t + 1, n, u].
 */
type LstmCall = (
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
  rows: Float32Array | null,
  cells: Float32Array | null,
  ...options: RecurrentOptions
) => void;

/** From the gradients of h, c and outputs those of the gates' sums, of the weights and of the state before. */
type LstmGradientCall = (
  gates: Float32Array,
  rows: Float32Array,
  cells: Float32Array,
  recurrent: Float32Array,
  dh: Float32Array,
  dc: Float32Array,
  dOutputs: Float32Array | null,
  dGates: Float32Array,
  dKernel: Float32Array,
  dRecurrent: Float32Array,
  dBias: Float32Array,
  dInitialH: Float32Array,
  dInitialC: Float32Array,
  ...options: RecurrentOptions
) => void;

/**
 * The same for a GRU. With a `recurrentBias` [3 · u] its reset gate comes after the product of the state and
 * its weights; `inner` [t, n, u] is then what that gate multiplies, and else the product of the two.
 */
type GruCall = (
  x: Float32Array,
  kernel: Float32Array,
  recurrent: Float32Array,
  bias: Float32Array,
  recurrentBias: Float32Array | null,
  initialH: Float32Array,
  h: Float32Array,
  outputs: Float32Array | null,
  gates: Float32Array | null,
  rows: Float32Array | null,
  inner: Float32Array | null,
  ...options: RecurrentOptions
) => void;

/** With `dRecurrentBias` where the reset gate comes after the product. */
type GruGradientCall = (
  gates: Float32Array,
  rows: Float32Array,
  inner: Float32Array,
  recurrent: Float32Array,
  dh: Float32Array,
  dOutputs: Float32Array | null,
  dGates: Float32Array,
  dKernel: Float32Array,
  dRecurrent: Float32Array,
  dBias: Float32Array,
  dRecurrentBias: Float32Array | null,
  dInitialH: Float32Array,
  ...options: RecurrentOptions
) => void;

/** The functions of the .node file for recurrent layers, which check their arguments as `TensorKernels` do. */
export interface RecurrentCalls {
  readonly tensorLstm: LstmCall;
  readonly tensorLstmGradient: LstmGradientCall;
  readonly tensorGru: GruCall;
  readonly tensorGruGradient: GruGradientCall;
}
