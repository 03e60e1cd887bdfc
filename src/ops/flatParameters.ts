import { PushforwardError } from '../errors.js';
import type { ParameterSlice } from '../native/spec.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, tf, type Variable } from '../tf.js';
import { overwrite } from './variableStore.js';

/** A parameter that a layer wants: its name, shape and first values. */
export interface ParameterDefinition {
  readonly name: string;
  readonly shape: readonly number[];
  /** Fills the row-major values; `normal` draws N(0, 1) from the model's seeded stream. */
  readonly initialise: (values: Float32Array, normal: (out: Float32Array) => void) => void;
}

/**
 * All parameters of a model in one float32 variable [count], with named slices of it. One array is
 * one optimizer call, one entry of a checkpoint and one argument of the native plan.
 */
export class FlatParameters {
  readonly variable: Variable;
  readonly layout: readonly ParameterSlice[];
  readonly count: number;

  /** First values are a function of the definitions and `seed` alone. */
  constructor(definitions: readonly ParameterDefinition[], seed: number) {
    const random = new Random(seed, streamOf('parameters'));
    const layout: ParameterSlice[] = [];
    let count = 0;
    for (const { name, shape } of definitions) {
      layout.push({ name, shape, offset: count });
      count += tf.util.sizeFromShape([...shape]);
    }
    const values = new Float32Array(count);
    definitions.forEach(({ initialise }, i) => {
      const slice = layout[i] as ParameterSlice;
      initialise(sliceOf(values, slice), (out) => random.normal(out));
    });
    this.layout = layout;
    this.count = count;
    this.variable = tf.tidy(() => tf.variable(tf.tensor1d(values)));
  }

  /**
   * The slices from number `first` on (default all) in their shapes, differentiable w.r.t. `flat`, which
   * defaults to the variable itself.
   *
   * One Split makes all of them, and its gradient is one Concat of the slices' gradients (a slice that
   * a loss does not use contributes zeros), so no gradient of the full length is made for each slice;
   * Split and Concat being each other's gradients, every higher order is right too.
   */
  slices(flat: Tensor = this.variable, first = 0): Tensor[] {
    const wanted = this.layout.slice(first);
    if (wanted.length === 0) return [];
    const sizes = wanted.map(({ shape }) => tf.util.sizeFromShape([...shape]));
    const before = (wanted[0] as ParameterSlice).offset;
    return tf.tidy(() => {
      const parts = first === 0 ? tf.split(flat, sizes, 0) : tf.split(flat, [before, ...sizes], 0).slice(1);
      return parts.map((part, i) => {
        const { shape } = wanted[i] as ParameterSlice;
        return shape.length === 1 ? part : tf.reshape(part, [...shape]);
      });
    });
  }

  /** A copy of the values [count]. */
  values(): Float32Array {
    return this.read().slice();
  }

  /** The values [count] where they lie: to be read at once, neither written nor kept. */
  read(): Float32Array {
    return this.variable.dataSync<'float32'>();
  }

  /**
   * Puts a copy of `values` in place of the values there are.
   * @throws PushforwardError `shape` when there are more or fewer of them.
   */
  assign(values: Float32Array): void {
    if (values.length !== this.count) {
      throw new PushforwardError('shape', `${values.length} values for ${this.count} parameters`);
    }
    overwrite(this.variable, values);
  }

  /**
   * The value of a scalar loss that reads `variable`, with its gradient written to `gradient` [count],
   * by the tape.
   * @throws PushforwardError `shape` when `gradient` has another length.
   */
  valueAndGradient(loss: () => tf.Scalar, gradient: Float32Array): number {
    if (gradient.length !== this.count) {
      throw new PushforwardError('shape', `a gradient of ${gradient.length} for ${this.count} parameters`);
    }
    return tf.tidy(() => {
      if (this.count === 0) return loss().dataSync()[0] as number;
      const { value, grads } = tf.variableGrads(loss, [this.variable]);
      gradient.set((grads[this.variable.name] as Tensor).dataSync());
      return value.dataSync()[0] as number;
    });
  }

  /** The name of the first slice with a value that is not finite; null when all are finite. */
  nonFiniteSlice(): string | null {
    const first = this.read().findIndex((value) => !Number.isFinite(value));
    if (first < 0) return null;
    return this.layout.findLast(({ offset }) => offset <= first)?.name ?? null;
  }

  dispose(): void {
    this.variable.dispose();
  }
}

/** The part of a flat array that a slice describes, as a view. */
export function sliceOf(values: Float32Array, { shape, offset }: ParameterSlice): Float32Array {
  return values.subarray(offset, offset + tf.util.sizeFromShape([...shape]));
}
