import type { GateActivation, RecurrentWeights } from '../backend/recurrent/definition.js';
import { GRU, LSTM, type RecurrentCell, runRecurrent } from '../backend/recurrent/kernels.js';
import { PushforwardError } from '../errors.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';

type Tensor3D = tf.Tensor3D;

/** The weights of a recurrent layer, as `getWeights()` of tf.layers' LSTM and GRU gives them. */
export interface RecurrentLayerWeights {
  /** [c, 4 · u] of an LSTM, gates i, f, c, o side by side; [c, 3 · u] of a GRU, gates z, r, h. */
  readonly kernel: Tensor;
  /** [u, 4 · u] or [u, 3 · u] */
  readonly recurrentKernel: Tensor;
  /** [4 · u] or [3 · u]; default zeros. Of a GRU also [2, 3 · u], as Keras has it with `resetAfter`. */
  readonly bias?: Tensor;
}

export interface RecurrentOptions {
  /**
   * The activation of the gates: the logistic function, or clip(0.2 x + 0.5, 0, 1), the default of tf.layers.
   * Default `sigmoid`. That of cells and candidates is tanh.
   */
  readonly recurrentActivation?: GateActivation;
  /** Walk from the last step to the first; the output of a step stays in its place. Default false. */
  readonly reverse?: boolean;
}

/** An LSTM's state: its output and its cell, each [n, u]. */
export interface LstmState {
  readonly h: Tensor2D;
  readonly c: Tensor2D;
}

/**
 * An LSTM over whole sequences (Hochreiter and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber and
 * Cummins 2000); differentiable any number of times with respect to sequences, weights and first state. On the
 * backend `native` it is one kernel forward and one backward.
 *
 * @param x [n, t, c], float32, with at least one step and one channel
 * @param options.initialState default zeros
 * @returns h after each step, [n, t, u], and the state after the last one that was walked
 * @throws PushforwardError `shape` for other shapes or types.
 */
export function lstm(
  x: Tensor,
  weights: RecurrentLayerWeights,
  options: RecurrentOptions & { readonly initialState?: LstmState } = {},
): { readonly outputs: Tensor3D; readonly state: LstmState } {
  return tf.tidy(() => {
    const { initialState } = options;
    const given = initialState === undefined ? undefined : [initialState.h, initialState.c];
    const { outputs, state } = run(LSTM, 'lstm', 4, { x, weights, state: given, options });
    const [h, c] = state as [Tensor2D, Tensor2D];
    return { outputs, state: { h, c } };
  });
}

/**
 * Gated recurrent units over whole sequences (Cho et al. 2014): h' = z h + (1 − z) tanh(x_h + …), where … is
 * (r h) U with a bias [3 · u], and r (h U + b) with one of [2, 3 · u], b being its second row; differentiable
 * as `lstm` is, and run as it is.
 *
 * @param x [n, t, c], float32, with at least one step and one channel
 * @param options.initialState [n, u]; default zeros
 * @returns h after each step, [n, t, u], and after the last one that was walked, [n, u]
 * @throws PushforwardError `shape` for other shapes or types.
 */
export function gru(
  x: Tensor,
  weights: RecurrentLayerWeights,
  options: RecurrentOptions & { readonly initialState?: Tensor2D } = {},
): { readonly outputs: Tensor3D; readonly state: Tensor2D } {
  return tf.tidy(() => {
    const { initialState } = options;
    const given = initialState === undefined ? undefined : [initialState];
    const { outputs, state } = run(GRU, 'gru', 3, { x, weights, state: given, options });
    return { outputs, state: state[0] as Tensor2D };
  });
}

interface Given {
  readonly x: Tensor;
  readonly weights: RecurrentLayerWeights;
  readonly state: readonly Tensor[] | undefined;
  readonly options: RecurrentOptions;
}

function run(
  cell: RecurrentCell,
  where: string,
  gates: number,
  { x, weights, state, options }: Given,
): { outputs: Tensor3D; state: readonly Tensor2D[] } {
  const { kernel, recurrentKernel } = weights;
  const [n = 0, steps = 0, channels = 0] = x.shape;
  check(x, x.rank === 3 && steps > 0 && channels > 0, where, 'x', '[n, t, c] with t and c above 0');
  const [units = 0] = recurrentKernel.shape;
  const width = gates * units;
  const hasShape = (tensor: Tensor, shape: readonly number[]) =>
    tf.util.arraysEqual(tensor.shape, [...shape]);
  const isSquare = units > 0 && hasShape(recurrentKernel, [units, width]);
  check(recurrentKernel, isSquare, where, 'recurrentKernel', `[u, ${gates} · u]`);
  check(kernel, hasShape(kernel, [channels, width]), where, 'kernel', `[${channels}, ${width}]`);
  const bias = weights.bias ?? tf.zeros([width]);
  const isDouble = cell === GRU && hasShape(bias, [2, width]);
  check(bias, isDouble || hasShape(bias, [width]), where, 'bias', `[${width}]`);
  const initial = state ?? cell.state.map(() => tf.zeros([n, units]));
  for (const part of initial)
    check(part, hasShape(part, [n, units]), where, 'initialState', `[${n}, ${units}]`);
  const all = { kernel, recurrentKernel, bias } as RecurrentWeights;
  const walked = runRecurrent(cell, x as Tensor3D, all, initial as Tensor2D[], {
    recurrentActivation: options.recurrentActivation ?? 'sigmoid',
    reverse: options.reverse ?? false,
    sequences: true,
  });
  return { outputs: walked.outputs as Tensor3D, state: walked.state };
}

function check(tensor: Tensor, fits: boolean, where: string, name: string, shape: string): void {
  if (fits && tensor.dtype === 'float32') return;
  throw new PushforwardError('shape', `${name} is ${tensor.dtype} [${tensor.shape.join(', ')}]`, {
    where,
    mend: `give a float32 tensor ${shape}`,
  });
}
