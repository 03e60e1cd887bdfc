import { Random } from '../../../src/random.js';
import { tf } from '../../../src/tf.js';
import type { GradientCase } from '../law.js';
import { type Doubles, filled, type Reference } from '../reference/arrays.js';

/** A kernel with calls of it at random shapes, as an op that has gradients. */
export interface KernelEntry {
  readonly kernel: string;
  readonly draw: (draw: Draw) => Omit<GradientCase, 'name'>;
}

/** Random shapes and numbers, which belong to the name and the number of a draw. */
export class Draw {
  readonly #random: Random;

  constructor(seed: number, stream: number) {
    this.#random = new Random(seed, stream);
  }

  /** A whole number from `least` to `most`. */
  int(least: number, most: number): number {
    return least + (this.#random.permutation(most - least + 1)[0] as number);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.int(0, choices.length - 1)] as T;
  }

  order(count: number): number[] {
    return [...this.#random.permutation(count)];
  }

  shape(leastRank = 0, mostRank = 4, mostDim = 3): number[] {
    return Array.from({ length: this.int(leastRank, mostRank) }, () => this.int(1, mostDim));
  }

  /** Shapes that are broadcast to one: each without some of its first dimensions, or with 1 for some. */
  broadcasts(count: number): number[][] {
    const shape = this.shape();
    return Array.from({ length: count }, () =>
      shape.slice(this.pick([0, 0, this.int(0, shape.length)])).map((dim) => this.pick([dim, dim, 1])),
    );
  }

  /** Uniform numbers that float32 holds. */
  numbers(shape: readonly number[], least = -1.5, most = 1.5): Doubles {
    const values = this.#random.uniform(new Float32Array(tf.util.sizeFromShape([...shape])));
    return {
      shape,
      values: Float64Array.from(values, (value) => Math.fround(least + (most - least) * value)),
    };
  }

  /** Numbers no two of which are near each other. */
  distinct(shape: readonly number[]): Doubles {
    const count = tf.util.sizeFromShape([...shape]);
    return {
      shape,
      values: Float64Array.from(this.order(count), (i) => Math.fround(-1.5 + (3 * i + 1) / count)),
    };
  }
}

/** Twice the way that finite differences go, with room to spare. */
const CLEAR = 0.02;

/** What `make` gives at the first turn at which none of `kinks` of it is near zero. */
export function clearOf<T extends Doubles | readonly Doubles[]>(
  make: () => T,
  kinks: (inputs: T) => Doubles,
): T {
  for (let turn = 0; turn < 1000; turn++) {
    const inputs = make();
    if (kinks(inputs).values.every((value) => Math.abs(value) > CLEAR)) return inputs;
  }
  throw new Error('kinks everywhere');
}

/** The transpose of the derivative of `f` at an input: Σ dy ∂f. Exact where f is linear between kinks. */
export function transposed(f: Reference, at: Doubles): Reference {
  const step = 1e-4;
  const moved = (i: number, by: number): Doubles => {
    const values = at.values.slice();
    values[i] = (values[i] as number) + by;
    return f({ shape: at.shape, values });
  };
  const columns = Array.from(at.values, (_, i) => {
    const [above, below] = [moved(i, step).values, moved(i, -step).values];
    return above.map((value, j) => (value - (below[j] as number)) / (2 * step));
  });
  return (dy) => {
    let i = 0;
    return filled(at.shape, () => {
      const column = columns[i++] as Float64Array;
      return column.reduce((sum, value, j) => sum + value * ((dy as Doubles).values[j] as number), 0);
    });
  };
}
