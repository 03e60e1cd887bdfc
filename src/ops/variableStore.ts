import { peek } from '../backend/peek.js';
import { PushforwardError } from '../errors.js';
import { MathBackendCPU, type Tensor, tf, type Variable } from '../tf.js';
import type { ParameterStore } from '../trainable.js';

/**
 * Puts a copy of `values` in place of those of a float32 variable, into the same array when no other tensor
 * has it: a new one at every step of a fit would be memory that waits for the collector.
 */
export function overwrite(variable: Variable, values: Float32Array): void {
  const backend = tf.backend();
  const isAlone = backend instanceof MathBackendCPU && backend.refCount(variable.dataId) === 1;
  if (isAlone) variable.dataSync<'float32'>().set(values);
  else tf.tidy(() => variable.assign(tf.tensor(values.slice(), variable.shape)));
}

/**
 * Variables of several owners, tf.LayersModels say, as one flat array, one after the other. A model that keeps
 * its parameters in `FlatParameters` needs none.
 */
export class VariableStore implements ParameterStore {
  readonly variables: readonly Variable[];
  readonly count: number;

  /** @param variables float32, none of them twice. */
  constructor(variables: readonly Variable[]) {
    this.variables = variables;
    this.count = variables.reduce((sum, { size }) => sum + size, 0);
  }

  values(): Float32Array {
    const values = new Float32Array(this.count);
    this.#each((variable, start, end) => values.subarray(start, end).set(variable.dataSync<'float32'>()));
    return values;
  }

  /** @throws PushforwardError `shape` when there are more or fewer of them. */
  assign(values: Float32Array): void {
    this.#check(values, 'values');
    this.#each((variable, start, end) => overwrite(variable, values.subarray(start, end)));
  }

  /**
   * Puts the gradient of a scalar loss into `gradient` [count], and gives the loss's value; a variable that the
   * loss does not read has gradient 0.
   * @throws PushforwardError `shape` when `gradient` has another length.
   */
  takeGradient(loss: () => tf.Scalar, gradient: Float32Array): number {
    return this.#differentiate(loss, gradient, (slopes, start, end) => {
      if (slopes === undefined) gradient.fill(0, start, end);
      else gradient.set(slopes, start);
    });
  }

  /** Adds `weight` times the gradient to `gradient` [count]; otherwise as `takeGradient`. */
  addGradient(loss: () => tf.Scalar, gradient: Float32Array, weight = 1): number {
    return this.#differentiate(loss, gradient, (slopes, start) => {
      if (slopes === undefined) return;
      // A plain loop: a closure for each of a million weights would take longer than their products.
      for (let i = 0; i < slopes.length; i++) {
        gradient[start + i] = (gradient[start + i] as number) + weight * (slopes[i] as number);
      }
    });
  }

  /** The name of the first variable with a value that is not finite; null when all are finite. */
  nonFinite(): string | null {
    return this.variables.find((variable) => !variable.dataSync().every(Number.isFinite))?.name ?? null;
  }

  #differentiate(
    loss: () => tf.Scalar,
    gradient: Float32Array,
    use: (slopes: Float32Array | undefined, start: number, end: number) => void,
  ): number {
    this.#check(gradient, 'gradients');
    return tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, [...this.variables]);
      this.#each(({ name }, start, end) => {
        const slopes: Tensor | undefined = grads[name];
        use(slopes && peek(slopes), start, end);
      });
      return value.dataSync()[0] as number;
    });
  }

  #check(values: Float32Array, what: string): void {
    if (values.length === this.count) return;
    throw new PushforwardError('shape', `${values.length} ${what} for ${this.count} parameters`);
  }

  #each(body: (variable: Variable, start: number, end: number) => void): void {
    let start = 0;
    for (const variable of this.variables) {
      body(variable, start, start + variable.size);
      start += variable.size;
    }
  }
}
