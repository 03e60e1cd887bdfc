/**
 * Recurrent layers over whole sequences in tfjs ops: what they are, on every backend. Weights lie as in
 * Keras and in tf.layers: gates side by side, i f c o of an LSTM and z r h of a GRU.
 */
import { type Tensor, type Tensor2D, tf } from '../../tf.js';

type Tensor3D = tf.Tensor3D;

/** The activation of the gates; that of cells and candidates is tanh. */
export type GateActivation = 'sigmoid' | 'hardSigmoid';

/** How sequences are walked. */
export interface Walk {
  readonly recurrentActivation: GateActivation;
  /** From the last step to the first; the output of a step stays in its place. */
  readonly reverse: boolean;
  /** Whether the state after every step is asked for. */
  readonly sequences: boolean;
}

/** The weights of one layer. */
export interface RecurrentWeights {
  /** [c, gates · u] */
  readonly kernel: Tensor2D;
  /** [u, gates · u] */
  readonly recurrentKernel: Tensor2D;
  /** [gates · u]; of a GRU [2, 3 · u] where the reset comes after the product. */
  readonly bias: Tensor;
}

/** The state after the last step, h first, and h after every step [n, t, u] where that was asked for. */
export interface Walked {
  readonly state: readonly Tensor2D[];
  readonly outputs: Tensor3D | undefined;
}

/** A recurrent layer: x [n, t, c] and the state before the first step, each [n, u]. */
export type Recurrence = (
  x: Tensor3D,
  weights: RecurrentWeights,
  state: readonly Tensor2D[],
  walk: Walk,
) => Walked;

/** One step: from what the inputs say to the gates [n, gates · u] and the state to the next state. */
type Step = (sums: Tensor2D, state: readonly Tensor2D[]) => Tensor2D[];

/** An LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000); its state is h, c. */
export const lstmDefinition: Recurrence = (x, { kernel, recurrentKernel, bias }, state, walk) => {
  const gate = gateOf(walk.recurrentActivation);
  return walkThrough(project(x, kernel, bias), state, walk, (sums, [h, c]) => {
    const all = tf.add<Tensor2D>(sums, tf.matMul(h as Tensor2D, recurrentKernel));
    const [i, f, g, o] = tf.split(all, 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
    const cell = tf.add<Tensor2D>(tf.mul(gate(f), c as Tensor2D), tf.mul(gate(i), tf.tanh(g)));
    return [tf.mul(gate(o), tf.tanh(cell)), cell];
  });
};

/**
 * A GRU (Cho et al. 2014); its state is h. With a bias [2, 3 · u], of the inputs and of the state, the
 * reset gate multiplies the product of the state and its weights; with one of [3 · u], the state itself.
 */
export const gruDefinition: Recurrence = (x, { kernel, recurrentKernel, bias }, state, walk) => {
  const gate = gateOf(walk.recurrentActivation);
  const [inputBias, stateBias] = bias.rank === 2 ? tf.unstack(bias) : [bias];
  const units = recurrentKernel.shape[0];
  const apart = (gates: Tensor) => tf.split(gates, [2 * units, units], 1) as [Tensor2D, Tensor2D];
  const [gateKernel, candidateKernel] = apart(recurrentKernel);
  return walkThrough(project(x, kernel, inputBias as Tensor), state, walk, (sums, [before]) => {
    const h = before as Tensor2D;
    const [forGates, forCandidate] = apart(sums);
    const [stateForGates, stateForCandidate] =
      stateBias === undefined
        ? [tf.matMul(h, gateKernel)]
        : apart(tf.add(tf.matMul(h, recurrentKernel), stateBias));
    const [z, r] = tf.split(gate(tf.add(forGates, stateForGates)), 2, 1) as [Tensor2D, Tensor2D];
    const reset =
      stateForCandidate === undefined
        ? tf.matMul(tf.mul<Tensor2D>(r, h), candidateKernel)
        : tf.mul<Tensor2D>(r, stateForCandidate);
    const candidate = tf.tanh(tf.add<Tensor2D>(forCandidate, reset));
    return [tf.add(candidate, tf.mul(z, tf.sub(h, candidate)))];
  });
};

function gateOf(activation: GateActivation): (x: Tensor2D) => Tensor2D {
  if (activation === 'sigmoid') return (x) => tf.sigmoid(x);
  return (x) => tf.clipByValue(tf.add<Tensor2D>(tf.mul(x, 0.2), 0.5), 0, 1);
}

/** What the inputs of all steps say to the gates [n, t, gates · u]. */
function project(x: Tensor3D, kernel: Tensor2D, bias: Tensor): Tensor3D {
  const [n, steps, channels] = x.shape;
  const sums = tf.add(tf.matMul(tf.reshape(x, [n * steps, channels]), kernel), bias);
  return tf.reshape(sums, [n, steps, kernel.shape[1]]);
}

function walkThrough(
  projected: Tensor3D,
  initial: readonly Tensor2D[],
  { reverse, sequences }: Walk,
  step: Step,
): Walked {
  const sums = tf.unstack(projected, 1) as Tensor2D[];
  const outputs: Tensor2D[] = [];
  let state = initial;
  // A copy is reversed: the array itself is the tape's.
  for (const at of reverse ? [...sums].reverse() : sums) {
    state = step(at, state);
    outputs.push(state[0] as Tensor2D);
  }
  if (!sequences) return { state, outputs: undefined };
  return { state, outputs: tf.stack(reverse ? outputs.reverse() : outputs, 1) as Tensor3D };
}
