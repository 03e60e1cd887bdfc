/**
 * Calls of kernels, for the tests of the backend: what goes in, and how far two right answers to it
 * may be apart.
 */
import { Random } from '../../../src/random.js';
import { tf } from '../../../src/tf.js';

export type Values = Float32Array | Int32Array | Uint8Array;

export interface Input {
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: number[];
  readonly values: Values;
}

export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

export interface KernelCase {
  readonly kernel: string;
  readonly inputs: Readonly<Record<string, Input>> | readonly Input[];
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Absent where every bit is settled, the sign of zero included. */
  readonly tolerance?: Tolerance;
}

/** What goes wrong first: zeros of both signs, NaN, infinities, denormals, ends of functions' ranges. */
export const SPECIAL: readonly number[] = [
  0,
  -0,
  1,
  -1,
  NaN,
  Infinity,
  -Infinity,
  0.5,
  -0.5,
  2.5,
  -2.5,
  1e-45,
  -1e-45,
  1e-39,
  1.2e-38,
  -1.2e-38,
  1e-7,
  -1e-7,
  88.7,
  -88.7,
  89,
  -104,
  9.2,
  -9.2,
  17,
  -17,
  0.92,
  -0.92,
  6,
  6.5,
  16777216,
  -16777217,
  2147483648,
  -2147483648,
  4294967808,
  -3e9,
  1e20,
  3.4e38,
  -3.4e38,
];

/** N(0, 1) numbers that belong to the name. */
export function normals(shape: number[], stream: number): Input {
  const values = new Float32Array(tf.util.sizeFromShape(shape));
  new Random(7, stream).normal(values);
  return { dtype: 'float32', shape, values };
}

/** Every pair of special values appears where two of these of different `turn` meet. */
export function specials(shape: number[], turn: 'slow' | 'fast'): Input {
  const count = SPECIAL.length;
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => {
    const index = turn === 'fast' ? i : Math.floor(i / count);
    return SPECIAL[index % count] as number;
  });
  return { dtype: 'float32', shape, values };
}

/** Small whole numbers, many of them equal. */
export function integers(shape: number[], stream: number): Input {
  const { values } = normals(shape, stream);
  return { dtype: 'int32', shape, values: Int32Array.from(values, (value) => Math.round(2 * value)) };
}

export function booleans(shape: number[], stream: number): Input {
  const { values } = normals(shape, stream);
  return { dtype: 'bool', shape, values: Uint8Array.from(values, (value) => (value > 0 ? 1 : 0)) };
}

/** One special value in each row of ordinary numbers. */
export function withSpecials(shape: [number, number]): Input {
  const input = normals(shape, 90);
  for (let i = 0; i < shape[0]; i++) {
    input.values[i * shape[1] + ((5 * i) % shape[1])] = SPECIAL[i % SPECIAL.length] as number;
  }
  return input;
}

export const EXACT = {};
export const CLOSE: { tolerance: Tolerance } = { tolerance: { relative: 4e-7, absolute: 1e-44 } };
