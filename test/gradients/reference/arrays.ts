/** Ops in plain doubles, written from their definitions, for finite differences of them. */
import { tf } from '../../../src/tf.js';

export interface Doubles {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export type Reference = (...inputs: Doubles[]) => Doubles;

/** An array whose entry at an index is what the function says. */
export function filled(shape: readonly number[], at: (index: number[]) => number): Doubles {
  const values = new Float64Array(tf.util.sizeFromShape([...shape]));
  for (let i = 0; i < values.length; i++) values[i] = at(indexOf(i, shape));
  return { shape, values };
}

function indexOf(position: number, shape: readonly number[]): number[] {
  const index = shape.map(() => 0);
  for (let axis = shape.length - 1, rest = position; axis >= 0; axis--) {
    const size = shape[axis] as number;
    index[axis] = rest % size;
    rest = Math.floor(rest / size);
  }
  return index;
}

/** The entry at an index, 0 outside; leading axes too many and axes of size 1 are broadcast. */
export function entry({ shape, values }: Doubles, index: readonly number[]): number {
  const skipped = index.length - shape.length;
  let position = 0;
  for (const [axis, size] of shape.entries()) {
    const at = size === 1 ? 0 : (index[axis + skipped] as number);
    if (at < 0 || at >= size) return 0;
    position = position * size + at;
  }
  return values[position] as number;
}

export function map(f: (x: number) => number): Reference {
  return (x) => ({ shape: (x as Doubles).shape, values: (x as Doubles).values.map(f) });
}

/** A function of entries, broadcast. */
export function zip(f: (...entries: number[]) => number): Reference {
  return (...inputs) => {
    const shape = inputs
      .map((input) => [...input.shape])
      .reduce((a, b) => tf.broadcast_util.assertAndGetBroadcastShape(a, b));
    return filled(shape, (index) => f(...inputs.map((input) => entry(input, index))));
  };
}

/** A function of the entries along the last axis. */
export function alongRows(f: (row: number[]) => number[]): Reference {
  return (input) => {
    const { shape, values } = input as Doubles;
    const width = shape.at(-1) as number;
    const rows = Array.from({ length: values.length / width }, (_, i) =>
      f([...values.subarray(i * width, (i + 1) * width)]),
    );
    return {
      shape: [...shape.slice(0, -1), (rows[0] as number[]).length],
      values: Float64Array.from(rows.flat()),
    };
  };
}

/** The sum of a function of an index over all of them. */
export function sumOver(shape: readonly number[], term: (index: number[]) => number): number {
  const index = shape.map(() => 0);
  let sum = 0;
  for (let left = tf.util.sizeFromShape([...shape]); left > 0; left--) {
    sum += term(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1;
      index[axis] = next < (shape[axis] as number) ? next : 0;
      if (next < (shape[axis] as number)) break;
    }
  }
  return sum;
}

/** a [..., n, k] · b [..., k, m], each of them as it stands or transposed, and their batches broadcast. */
export function matrixProduct(transposeA: boolean, transposeB: boolean): Reference {
  return (...inputs) => {
    const [a, b] = inputs as [Doubles, Doubles];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [n, k] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
    const m = transposeB ? b.shape.at(-2) : b.shape.at(-1);
    return filled([...batch, n as number, m as number], (index) => {
      const outer = index.slice(0, -2);
      const [row, column] = index.slice(-2) as [number, number];
      return sumOver([k as number], ([i]) => {
        const left = entry(a, [...outer, ...(transposeA ? [i, row] : [row, i])] as number[]);
        return left * entry(b, [...outer, ...(transposeB ? [column, i] : [i, column])] as number[]);
      });
    });
  };
}

/** erf by its Taylor series, which has all digits where |x| < 3. */
export function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
