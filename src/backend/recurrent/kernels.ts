/**
 * Recurrent layers as kernels, which tfjs has none of: one for a whole sequence. Every backend gets the
 * forward pass, from its definition; one that has the backward pass too is differentiated by that.
 */
import { nestedGradients } from '../../gradients/nested.js';
import { type Tensor, type Tensor2D, tf } from '../../tf.js';
import {
  gruDefinition,
  lstmDefinition,
  type Recurrence,
  type RecurrentWeights,
  type Walk,
  type Walked,
} from './definition.js';

type Tensor3D = tf.Tensor3D;

/** One kind of layer. */
export interface RecurrentCell {
  /**
   * Inputs x, kernel, recurrentKernel, bias and the state by its names; attributes those of a `Walk`, and
   * `keep`. Outputs: the state, what the backward pass wants to know where `keep` is set, a tensor for
   * nobody else that claims to have no elements, and the outputs where `sequences` is.
   */
  readonly kernel: string;
  /**
   * Inputs as above, `kept`, the gradients of the last state as `d0`, `d1` and of the outputs as
   * `dOutputs`, where there are any. Outputs: the gradients of what the inputs say to the gates
   * [t · n, gates · u], of kernel, recurrentKernel and bias, and of the state.
   */
  readonly gradientKernel: string;
  readonly state: readonly string[];
  readonly definition: Recurrence;
}

export const LSTM: RecurrentCell = {
  kernel: 'PushforwardLstm',
  gradientKernel: 'PushforwardLstmGradient',
  state: ['h', 'c'],
  definition: lstmDefinition,
};

export const GRU: RecurrentCell = {
  kernel: 'PushforwardGru',
  gradientKernel: 'PushforwardGruGradient',
  state: ['h'],
  definition: gruDefinition,
};

const CELLS: readonly RecurrentCell[] = [LSTM, GRU];
const WEIGHTS = ['x', 'kernel', 'recurrentKernel', 'bias'] as const;

for (const cell of CELLS) registerGradient(cell);

// The recorder of ONNX traces takes over what the CPU backend has when the first trace starts.
ensureRecurrentKernels('cpu');

/** Gives a backend the kernels of this file that it lacks. */
export function ensureRecurrentKernels(backendName: string): void {
  for (const { kernel: kernelName, state, definition } of CELLS) {
    // undefined, whatever the typings say, where there is none.
    if (tf.getKernel(kernelName, backendName) !== undefined) continue;
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() => {
          const all = [...WEIGHTS, ...state].map((name) => inputs[name] as Tensor);
          const walked = define(definition, all, attrs as unknown as Walk);
          return walked.outputs === undefined ? [...walked.state] : [...walked.state, walked.outputs];
        }),
    });
  }
}

/** Whether the backend in use runs the backward pass of whole sequences. */
export function isFused({ gradientKernel }: RecurrentCell): boolean {
  tf.backend();
  return tf.getKernel(gradientKernel, tf.getBackend()) !== undefined;
}

/** A layer on whatever backend is in use, differentiable any number of times. */
export function runRecurrent(
  cell: RecurrentCell,
  x: Tensor3D,
  weights: RecurrentWeights,
  state: readonly Tensor2D[],
  walk: Walk,
): Walked {
  const keep = tf.engine().isTapeOn();
  if (keep && (x.size === 0 || !isFused(cell))) return cell.definition(x, weights, state, walk);
  tf.backend();
  ensureRecurrentKernels(tf.getBackend());
  const inputs: tf.NamedTensorMap = { x, ...weights };
  cell.state.forEach((name, k) => {
    inputs[name] = state[k] as Tensor2D;
  });
  const made = tf.engine().runKernel(cell.kernel, inputs, { ...walk, keep }) as Tensor[];
  const count = cell.state.length;
  return {
    state: made.slice(0, count) as Tensor2D[],
    outputs: walk.sequences ? (made[made.length - 1] as Tensor3D) : undefined,
  };
}

function define(definition: Recurrence, inputs: readonly Tensor[], walk: Walk): Walked {
  const [x, kernel, recurrentKernel, bias, ...state] = inputs as [Tensor3D, Tensor2D, Tensor2D, Tensor];
  return definition(x, { kernel, recurrentKernel, bias }, state as Tensor2D[], walk);
}

function registerGradient(cell: RecurrentCell): void {
  if (tf.getGradient(cell.kernel) !== undefined) return;
  const names = [...WEIGHTS, ...cell.state];
  const count = cell.state.length;
  tf.registerGradient({
    kernelName: cell.kernel,
    inputsToSave: names,
    outputsToSave: [...cell.state.map(() => false), true],
    gradFunc: (given, saved, attrs) => {
      const walk = attrs as unknown as Walk;
      const inputs = saved.slice(0, names.length);
      const dys = given as Tensor[];
      const dState = dys.slice(0, count);
      const dOutputs = walk.sequences ? dys[count + 1] : undefined;
      if (!tf.engine().isTapeOn() && isFused(cell)) {
        const kept = saved[names.length] as Tensor;
        return fusedGradients(cell, inputs, kept, dState, dOutputs, walk);
      }
      // For a derivative of the gradient, the definition is differentiated, and its gradient can be.
      const gradients = nestedGradients((...at) => {
        const { state, outputs } = define(cell.definition, at, walk);
        const terms = state.map((value, k) => tf.sum(tf.mul(value, dState[k] as Tensor)));
        if (outputs !== undefined) terms.push(tf.sum(tf.mul(outputs, dOutputs as Tensor)));
        return tf.addN(terms);
      }, inputs);
      return Object.fromEntries(names.map((name, k) => [name, () => gradients[k] as Tensor]));
    },
  });
}

/** The gradients by the names of the inputs, from those of the recurrence alone. */
function fusedGradients(
  { gradientKernel, state }: RecurrentCell,
  inputs: readonly Tensor[],
  kept: Tensor,
  dState: readonly Tensor[],
  dOutputs: Tensor | undefined,
  walk: Walk,
): { [name: string]: () => Tensor } {
  const [x, kernel, recurrentKernel, bias] = inputs as [Tensor3D, Tensor2D, Tensor2D, Tensor];
  const made = tf.engine().runKernel(
    gradientKernel,
    {
      x,
      kernel,
      recurrentKernel,
      bias,
      kept,
      ...Object.fromEntries(state.map((name, k) => [name, inputs[WEIGHTS.length + k] as Tensor])),
      ...Object.fromEntries(dState.map((gradient, k) => [`d${k}`, gradient])),
      ...(dOutputs === undefined ? {} : { dOutputs }),
    },
    { ...walk },
  ) as Tensor[];
  const [dSums, ...others] = made as [Tensor2D, ...Tensor[]];
  const [n, steps, channels] = x.shape;
  const names = [...WEIGHTS.slice(1), ...state];
  return {
    // A product that training has no use for where the sequences are its data.
    x: () => {
      const stepwise = tf.matMul(dSums, kernel, false, true);
      return tf.transpose(tf.reshape(stepwise, [steps, n, channels]), [1, 0, 2]);
    },
    ...Object.fromEntries(names.map((name, k) => [name, () => others[k] as Tensor])),
  };
}
