import { tf } from '../tf.js';
import { NativeBackend } from './backend.js';

type Gradients = Parameters<tf.AdamOptimizer['applyGradients']>[0];

interface Moment {
  readonly variable: tf.Variable;
}

/** What tfjs' Adam keeps, most of it outside of its types. */
interface Adam {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly accBeta1: tf.Variable;
  readonly accBeta2: tf.Variable;
  readonly accumulatedFirstMoment: readonly (Moment | undefined)[];
  readonly accumulatedSecondMoment: readonly (Moment | undefined)[];
  incrementIterations(): void;
}

/** One variable, its gradient and its moments, all of one length. */
type Update = readonly [value: tf.Variable, gradient: tf.Tensor, m: tf.Variable, v: tf.Variable];

/**
 * Has tfjs' Adam (`tf.train.adam`, and so 'adam' of tfjs-layers) update a variable on this backend in one
 * pass, in place of a dozen operations that each go through all of it. The state it keeps is the same,
 * and so are the updates, but for rounding. On other backends nothing changes.
 */
export function fuseAdam(): void {
  const { prototype } = tf.AdamOptimizer;
  const { applyGradients } = prototype;
  prototype.applyGradients = function (gradients: Gradients) {
    const adam = this as unknown as Adam;
    const backend = tf.backend();
    const updates = backend instanceof NativeBackend ? updatesOf(adam, gradients, backend) : null;
    if (updates === null) applyGradients.call(this, gradients);
    else tf.tidy(() => apply(adam, updates, backend as NativeBackend));
  };
}

function apply(adam: Adam, updates: readonly Update[], backend: NativeBackend): void {
  const { beta1, beta2, epsilon, accBeta1, accBeta2 } = adam;
  const rate = adam.learningRate / (1 - (accBeta1.dataSync()[0] as number));
  const correction = 1 / (1 - (accBeta2.dataSync()[0] as number));
  const { tensorAdam } = backend.kernels;
  for (const [value, gradient, m, v] of updates) {
    // Where somebody else may look at the array, a copy takes its place.
    for (const state of [value, m, v]) if (!backend.isExclusive(state)) state.assign(tf.mul(state, 1));
    const [parameters, g, first, second] = [value, gradient, m, v].map((tensor) => backend.stored(tensor));
    tensorAdam(
      parameters as Float32Array,
      g as Float32Array,
      first as Float32Array,
      second as Float32Array,
      beta1,
      beta2,
      rate,
      correction,
      epsilon,
    );
  }
  accBeta1.assign(tf.mul(accBeta1, beta1));
  accBeta2.assign(tf.mul(accBeta2, beta2));
  adam.incrementIterations();
}

/** Null where tfjs has something else to do: to make the moments at the first step, or to refuse. */
function updatesOf(adam: Adam, gradients: Gradients, backend: NativeBackend): Update[] | null {
  const given = Array.isArray(gradients)
    ? gradients.map(({ name, tensor }) => [name, tensor] as const)
    : Object.entries(gradients);
  const updates: Update[] = [];
  for (const [i, [name, gradient]] of given.entries()) {
    const value = tf.engine().registeredVariables[name];
    const m = adam.accumulatedFirstMoment[i]?.variable;
    const v = adam.accumulatedSecondMoment[i]?.variable;
    if (value === undefined || m === undefined || v === undefined) return null;
    if (gradient === undefined || gradient === null) continue;
    const update = [value, gradient, m, v] as const;
    if (!update.every((tensor) => isDense(tensor, value.size, backend))) return null;
    if (new Set(update.map(({ dataId }) => dataId)).size < update.length) return null;
    updates.push(update);
  }
  return updates;
}

function isDense(tensor: tf.Tensor, size: number, backend: NativeBackend): boolean {
  if (tensor.isDisposed || tensor.dtype !== 'float32' || size === 0) return false;
  const values = backend.stored(tensor);
  return values instanceof Float32Array && values.length === size;
}
