import { PushforwardError } from '../errors.js';
import {
  inverseRationalQuadraticSpline,
  rationalQuadraticSpline,
  type SplineKnots,
} from '../ops/rationalQuadraticSpline.js';
import { Random, streamOf } from '../random.js';
import { type Tensor2D, tf } from '../tf.js';
import { presentNumbers, type TableCodec } from './codec.js';
import { fitMarginals, type HalvedSample } from './marginalFit.js';
import type { Knots } from './marginalKnots.js';
import { type ColumnSupport, supportForward, supportInverse } from './support.js';
import { type ColumnSample, fitSupports } from './supportFit.js';
import { parseTransforms, type SavedTransforms } from './transformsParse.js';
import { splineValues, supportValues } from './transformValues.js';
import type { EncodedRows } from './types.js';

/** Most rows that a fit looks at. */
const MOST_ROWS = 50_000;
/** Points that the cells of a stepped column are filled with, at least, when rows are few. */
const FEWEST_POINTS = 4000;
const MOST_COPIES = 16;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Elementwise transforms that take each number of an encoded row to about N(0, 1), exactly invertible: first
 * from its support to the line (`support.ts`), then, where it pays on held-out rows, through a spline of its
 * quantiles (`marginalFit.ts`). Fitted once, on training rows, and constant thereafter.
 *
 * The ops are the same whatever the number of columns; values outside the range seen are continued
 * along straight lines, so every finite input has a finite output, log-derivative and gradient.
 */
export class ColumnTransforms {
  readonly dim: number;
  readonly #supports: readonly ColumnSupport[];
  readonly #knots: readonly Knots[] | null;

  private constructor(supports: readonly ColumnSupport[], knots: readonly Knots[] | null) {
    this.dim = supports.length;
    this.#supports = supports;
    this.#knots = knots;
  }

  /** Fits to the numbers that are there; stepped ones are spread over their cells. `seed` splits the rows. */
  static fit(codec: TableCodec, rows: EncodedRows, seed: number): ColumnTransforms {
    const columns = sampleColumns(codec, rows, seed);
    const supports = fitSupports(columns);
    const standardised = columns.map(({ halves: [first, second], copies }, j): HalvedSample => {
      const support = supports[j] as ColumnSupport;
      return { halves: [supportValues(first, support).y, supportValues(second, support).y], copies };
    });
    return new ColumnTransforms(supports, fitMarginals(standardised));
  }

  /** @throws PushforwardError `damaged` when it is not what `toJSON` gave. */
  static fromJSON(json: unknown): ColumnTransforms {
    const { supports, knots } = parseTransforms(json);
    return new ColumnTransforms(supports, knots);
  }

  toJSON(): SavedTransforms {
    return { version: 1, supports: this.#supports, knots: this.#knots };
  }

  /** Encoded numbers x [n, d] to y [n, d], with log(dy/dx) [n, d] in nats, of each number by itself. */
  forward(x: Tensor2D): { y: Tensor2D; logDet: Tensor2D } {
    this.#check(x);
    return tf.tidy(() => {
      const first = supportForward(x, this.#supports);
      if (this.#knots === null) return first;
      const second = rationalQuadraticSpline(first.y, knotTensors(this.#knots));
      return { y: second.y, logDet: tf.add(first.logDet, second.logDet) as Tensor2D };
    });
  }

  /**
   * `forward` for rows that are in an array, row-major, without tensors: many times as fast, and in double
   * precision before the result is rounded.
   */
  forwardRows(x: Float32Array): { y: Float32Array; logDet: Float32Array } {
    const d = this.dim;
    const rows = x.length / d;
    const y = new Float32Array(x.length);
    const logDet = new Float32Array(x.length);
    this.#supports.forEach((support, j) => {
      const column = Float64Array.from({ length: rows }, (_, row) => x[row * d + j] as number);
      const first = supportValues(column, support);
      const knots = this.#knots?.[j];
      const second = knots === undefined ? null : splineValues(first.y, knots);
      for (let row = 0; row < rows; row++) {
        y[row * d + j] = (second ?? first).y[row] as number;
        logDet[row * d + j] = (first.logDet[row] as number) + (second?.logDet[row] ?? 0);
      }
    });
    return { y, logDet };
  }

  /** y [n, d] back to encoded numbers x [n, d]. */
  inverse(y: Tensor2D): Tensor2D {
    this.#check(y);
    return tf.tidy(() => {
      const bent = this.#knots === null ? y : inverseRationalQuadraticSpline(y, knotTensors(this.#knots)).x;
      return supportInverse(bent, this.#supports);
    });
  }

  #check({ shape }: Tensor2D): void {
    if (shape.length === 2 && shape[1] === this.dim) return;
    throw new PushforwardError('shape', `got [${shape}] where [n, ${this.dim}] is expected`, {
      where: 'column transforms',
    });
  }
}

/** Knots as the spline op takes them, [1, d, bins + 1] each. */
function knotTensors(columns: readonly Knots[]): SplineKnots {
  const tensor = (of: keyof Knots): tf.Tensor3D => {
    const values = columns.flatMap((knots) => knots[of]);
    return tf.tensor3d(values, [1, columns.length, values.length / columns.length]);
  };
  return { x: tensor('x'), y: tensor('y'), derivative: tensor('derivative') };
}

/** The values of each number that are there, spread over their cells: all of them, and in two random halves. */
function sampleColumns(codec: TableCodec, rows: EncodedRows, seed: number): (ColumnSample & HalvedSample)[] {
  const d = codec.numerics.length;
  const present = presentNumbers(codec, rows);
  const order = new Random(seed, streamOf('marginals')).permutation(rows.rows).subarray(0, MOST_ROWS);
  return codec.numerics.map(({ step, column, origin }, j) => {
    const cell = step ?? 0;
    const copies =
      cell === 0 ? 1 : Math.min(MOST_COPIES, Math.ceil(FEWEST_POINTS / Math.max(order.length, 1)));
    const halves: [number[], number[]] = [[], []];
    order.forEach((row, i) => {
      const at = row * d + j;
      if (present[at] === 0) return;
      for (let copy = 0; copy < copies; copy++) {
        // A lattice of the cell, turned by the golden ratio from row to row: even whatever the ties.
        const place = (i * GOLDEN + copy / copies) % 1;
        halves[i % 2 === 0 ? 0 : 1].push((rows.numbers[at] as number) + cell * (place - 0.5));
      }
    });
    const [first, second] = halves.map((half) => Float64Array.from(half).sort()) as [
      Float64Array,
      Float64Array,
    ];
    const { lower = null, upper = null, minimum = 0, maximum = 0 } = codec.schema.columns[column] ?? {};
    return {
      sorted: Float64Array.from([...first, ...second]).sort(),
      halves: [first, second],
      copies,
      cell,
      range: maximum - minimum,
      lower: lower === null ? null : lower - origin,
      upper: upper === null ? null : upper - origin,
    };
  });
}
