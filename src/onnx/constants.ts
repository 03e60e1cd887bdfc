import type { tf } from '../tf.js';
import type { TraceType } from './recorder.js';
import type { RecordedTensor } from './tape.js';
import type { TensorValues } from './tensor.js';

type TypedArray = tf.backend_util.TypedArray;

export interface Constant {
  readonly shape: readonly number[];
  readonly values: TypedArray;
}

/**
 * The constant with size 1 on the given axes, or undefined when it is not the same all along them.
 * A NaN equals a NaN.
 */
export function collapse(tensor: RecordedTensor, axes: readonly number[]): Constant | undefined {
  const values = tensor.values as TypedArray;
  if (axes.length === 0) return { shape: tensor.shape, values };
  const shape = tensor.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const size = shape.reduce((product, one) => product * one, 1);
  const result = values.slice(0, size);
  const seen = new Uint8Array(size);
  for (let position = 0; position < values.length; position++) {
    let rest = position;
    let target = 0;
    let stride = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const full = tensor.shape[axis] as number;
      if (!axes.includes(axis)) target += (rest % full) * stride;
      rest = Math.floor(rest / full);
      stride *= shape[axis] as number;
    }
    if (seen[target] === 0) {
      seen[target] = 1;
      result[target] = values[position] as number;
    } else if (!Object.is(result[target], values[position])) {
      return undefined;
    }
  }
  return { shape, values: result };
}

export function sameValues(a: TypedArray, b: TypedArray): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}

/** Values in the array type of their element type; narrower types may share storage in tfjs. */
export function toElements(values: TypedArray, dtype: TraceType): TensorValues {
  if (dtype === 'float32') return Float32Array.from(values);
  return dtype === 'int32' ? Int32Array.from(values) : Uint8Array.from(values);
}
