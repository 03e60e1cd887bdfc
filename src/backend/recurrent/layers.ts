import { layers, type Tensor, type Tensor2D, tf } from '../../tf.js';
import type { GateActivation, RecurrentWeights } from './definition.js';
import { GRU, isFused, LSTM, type RecurrentCell, runRecurrent } from './kernels.js';

type Tensor3D = tf.Tensor3D;

interface Named {
  getClassName(): string;
}

/** What tfjs-layers' LSTMCell and GRUCell have, most of it outside of its types. */
interface Cell extends Named {
  readonly units: number;
  readonly activation: Named;
  readonly recurrentActivation: Named;
  readonly kernel: { read(): Tensor };
  readonly recurrentKernel: { read(): Tensor };
  readonly bias: { read(): Tensor } | null;
  readonly dropout: number;
  readonly recurrentDropout: number;
}

/** The same of its recurrent layers. */
interface Layer {
  readonly cell: Cell;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  readonly goBackwards: boolean;
  readonly stateful: boolean;
  readonly states: Tensor2D[];
  resetStates(states?: Tensor | Tensor[], training?: boolean): void;
}

interface CallArguments {
  readonly mask?: Tensor | Tensor[] | null;
  readonly training?: boolean | null;
  readonly initialState?: Tensor2D[] | null;
}

type Call = typeof layers.RNN.prototype.call;

const CELLS: Readonly<Record<string, RecurrentCell>> = { LSTMCell: LSTM, GRUCell: GRU };
const GATES: readonly string[] = ['sigmoid', 'hardSigmoid'] satisfies GateActivation[];

/** Shared by all copies of this library. */
const FUSED = Symbol.for('pushforward.fusedRecurrentLayers');

/**
 * Has tfjs-layers' LSTM and GRU run whole sequences in one kernel where the backend in use has its gradient,
 * or none is recorded. What they are, what is saved of them and their weights stay the same. Masked sequences,
 * dropout in training and other activations go step by step as ever.
 */
export function fuseRecurrentLayers(): void {
  const prototype = layers.RNN.prototype as { call: Call; [FUSED]?: true };
  if (prototype[FUSED]) return;
  const { call } = prototype;
  prototype.call = function (inputs, kwargs) {
    const layer = this as unknown as Layer;
    const given = (kwargs ?? {}) as CallArguments;
    const x = Array.isArray(inputs) && inputs.length === 1 ? inputs[0] : inputs;
    const cell = x instanceof tf.Tensor ? fusedCell(layer.cell, x, given) : undefined;
    return cell === undefined ? call.call(this, inputs, kwargs) : run(layer, cell, x as Tensor3D, given);
  };
  prototype[FUSED] = true;
}

/** The kernels of a layer's cell; undefined where it is to go step by step. */
function fusedCell(cell: Cell, x: Tensor, given: CallArguments): RecurrentCell | undefined {
  const { mask, training, initialState } = given;
  const found = CELLS[cell.getClassName()];
  if (found === undefined || (tf.engine().isTapeOn() && !isFused(found))) return undefined;
  const fits = x.dtype === 'float32' && x.rank === 3 && x.shape[1] !== 0;
  const hasState = (initialState?.length ?? found.state.length) === found.state.length;
  const isPlain =
    cell.activation.getClassName() === 'tanh' && GATES.includes(cell.recurrentActivation.getClassName());
  const drops = training === true && (cell.dropout > 0 || cell.recurrentDropout > 0);
  const isMasked = mask !== undefined && mask !== null;
  return fits && hasState && isPlain && !drops && !isMasked ? found : undefined;
}

function run(
  layer: Layer,
  fused: RecurrentCell,
  x: Tensor3D,
  { training, initialState }: CallArguments,
): Tensor | Tensor[] {
  return tf.tidy(() => {
    const { cell, returnSequences, goBackwards } = layer;
    const recurrentKernel = cell.recurrentKernel.read();
    const weights = {
      kernel: cell.kernel.read(),
      recurrentKernel,
      bias: cell.bias?.read() ?? tf.zeros([recurrentKernel.shape[1] as number]),
    } as RecurrentWeights;
    const zeros = () => fused.state.map(() => tf.zeros<tf.Rank.R2>([x.shape[0], cell.units]));
    const initial = initialState ?? (layer.stateful ? layer.states : zeros());
    const { state, outputs } = runRecurrent(fused, x, weights, initial, {
      recurrentActivation: cell.recurrentActivation.getClassName() as GateActivation,
      reverse: goBackwards,
      sequences: returnSequences,
    });
    if (layer.stateful) layer.resetStates([...state], training ?? false);
    // Outputs are in the order of the walk.
    const walked = outputs !== undefined && goBackwards ? tf.reverse(outputs, 1) : outputs;
    const output = walked ?? (state[0] as Tensor);
    return layer.returnState ? [output, ...state] : output;
  });
}
