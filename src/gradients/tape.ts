import { MathBackendCPU, type Tensor, tf } from '../tfjs.js';

interface TapeNode {
  readonly outputs: readonly Tensor[];
}

/** What is used here of tfjs' engine and does not stand in its types. */
interface Engine {
  readonly backend: unknown;
  readonly state: {
    readonly activeTape: TapeNode[];
    readonly profiling: boolean;
    readonly tensorInfo: WeakMap<tf.TensorInfo['dataId'], { readonly backend: unknown }>;
  };
  keep(tensor: Tensor): Tensor;
  clone(tensor: Tensor): Tensor;
  nextTensorId(): number;
  trackTensor(tensor: Tensor, backend: MathBackendCPU): void;
  addTapeNode(
    kernelName: string,
    inputs: tf.NamedTensorMap,
    outputs: Tensor[],
    gradient: unknown,
    saved: Tensor[],
    attrs: tf.NamedAttrMap,
  ): void;
  saveTensorsForBackwardMode(tensors: Tensor[]): Tensor[];
  [MENDED]?: true;
}

/**
 * Functions of truth values, which tfjs does not differentiate either, and throws where a tape leads through
 * them. They are not recorded, so that their results are constants.
 */
const CONNECTIVES: readonly string[] = [tf.LogicalAnd, tf.LogicalOr, tf.LogicalNot];

/** Shared by all copies of this library. */
const MENDED = Symbol.for('pushforward.mendedTape');

/** Mends what tfjs records for its gradients. */
export function mendTape(): void {
  const engine = tf.engine() as unknown as Engine;
  if (engine[MENDED]) return;
  const { addTapeNode, saveTensorsForBackwardMode } = engine;
  engine.addTapeNode = function (kernelName, inputs, outputs, gradient, saved, attrs) {
    if (CONNECTIVES.includes(kernelName)) return;
    addTapeNode.call(this, kernelName, given(inputs), outputs, gradient, saved, attrs);
    putBeforeClones(this.state.activeTape, saved);
  };
  engine.saveTensorsForBackwardMode = function (tensors) {
    const { backend, state } = this;
    const all = tensors.filter(isGiven);
    if (!(backend instanceof MathBackendCPU) || state.profiling)
      return saveTensorsForBackwardMode.call(this, all);
    return all.map((tensor) => {
      const isHere = state.tensorInfo.get(tensor.dataId)?.backend === backend && tensor.dtype !== 'complex64';
      return this.keep(isHere ? cloneOn(this, backend, tensor, addTapeNode) : this.clone(tensor));
    });
  };
  engine[MENDED] = true;
}

/**
 * A clone as tfjs makes it, on the tape too, without running a kernel for what is a count of references:
 * a third of the kernels of a step of training would be these.
 */
function cloneOn(
  engine: Engine,
  backend: MathBackendCPU,
  x: Tensor,
  addTapeNode: Engine['addTapeNode'],
): Tensor {
  const y = new tf.Tensor(x.shape, x.dtype, x.dataId, engine.nextTensorId());
  backend.incRef(x.dataId);
  engine.trackTensor(y, backend);
  addTapeNode.call(engine, tf.Identity, { x }, [y], null, [], {});
  return y;
}

/**
 * Inputs without those that are left out. tfjs throws when it looks at them, so that tf.batchNorm without
 * scale or offset has no gradient; nor can they be saved, and what a kernel may leave out it saves last.
 */
function given(inputs: tf.NamedTensorMap): tf.NamedTensorMap {
  if (Object.values(inputs).every(isGiven)) return inputs;
  return Object.fromEntries(Object.entries(inputs).filter(([, tensor]) => isGiven(tensor)));
}

function isGiven(tensor: Tensor | null | undefined): boolean {
  return tensor !== undefined && tensor !== null;
}

/**
 * Puts the last node of the tape before the clones among those that were put there right before it.
 *
 * What an op saves for its gradient are clones, which tfjs puts on the tape before the op itself. It then
 * reads the tape in order, and takes the clone of an output, whose source it has not met yet, for a
 * constant: a gradient in terms of the output, as those of tanh, sigmoid, exp, softmax, logSoftmax, elu
 * and max are, and those of custom gradients may be, then has a second derivative without the share that
 * comes through it.
 */
function putBeforeClones(tape: TapeNode[], clones: readonly Tensor[]): void {
  if (clones.length === 0) return;
  let place = tape.length - 1;
  while (place > 0 && clones.includes(tape[place - 1]?.outputs[0] as Tensor)) place -= 1;
  tape.splice(place, 0, tape.pop() as TapeNode);
}
