import { decimalPlaces, rounderTo } from './grid.js';
import { summarise, tiedShare, without } from './summary.js';
import type { ColumnSchema } from './types.js';

/** The part of a number codec that the schema does not hold. */
export interface SavedNumbers {
  readonly column: number;
  readonly origin: number;
  readonly cell: number | null;
  /** Values off the column's grid, which are decoded as they are. */
  readonly exceptions: readonly number[];
}

/** Share of rows with a value that others have too, from which the grid shows in a density. */
const TIES_THAT_MATTER = 0.05;
/** Steps in the range up to which a cell is wide enough for float32 to place points in it. */
const MOST_CELLS = 2 ** 22;
/** How far from zero values may lie, in ranges, without an origin of their own. */
const FAR = 4;
/** Encoded values stay this many ranges from the origin, so that squares do not overflow float32. */
const FARTHEST = 1e12;

/**
 * A numeric column as float32 numbers, raw value minus `origin`, and back.
 *
 * The origin is 0 unless the values are far from it for their spread, as dates and serial numbers
 * are. `cell` is the width over which the density of a value is averaged: the step of the schema,
 * where ties make the grid visible, else null.
 */
export class NumberCodec {
  readonly origin: number;
  readonly cell: number | null;
  readonly #exceptions: ReadonlyMap<number, number>;
  readonly #round: (value: number) => number;
  readonly #minimum: number;
  readonly #maximum: number;
  readonly #farthest: number;

  private constructor(column: ColumnSchema, saved: Omit<SavedNumbers, 'column'>) {
    const { minimum = 0, maximum = 0 } = column;
    this.origin = saved.origin;
    this.cell = saved.cell;
    this.#minimum = minimum;
    this.#maximum = maximum;
    this.#farthest = FARTHEST * (maximum - minimum || 1);
    this.#exceptions = new Map(saved.exceptions.map((value) => [Math.fround(value - saved.origin), value]));
    const grain = grainOf(column, saved.origin);
    this.#round = grain === null ? (value) => value : rounderTo(grain);
  }

  /** @param values the column, NaN where it has no value */
  static fit(column: ColumnSchema, values: Float64Array): NumberCodec {
    const { minimum = 0, maximum = 0, step = null, atoms = [] } = column;
    const range = maximum - minimum;
    const summary = without(summarise(values), atoms);
    const isVisible = tiedShare(summary) >= TIES_THAT_MATTER && step !== null && range / step <= MOST_CELLS;
    const round = step === null ? null : rounderTo(step);
    return new NumberCodec(column, {
      origin: originOf(minimum, maximum, step),
      cell: isVisible ? step : null,
      exceptions: round === null ? [] : Array.from(summary.values.filter((value) => round(value) !== value)),
    });
  }

  /** Null when the saved part is not one. */
  static fromJSON(column: ColumnSchema, { origin, cell, exceptions }: SavedNumbers): NumberCodec | null {
    const isWhole =
      Number.isFinite(origin) &&
      (cell === null || (Number.isFinite(cell) && cell > 0)) &&
      Array.isArray(exceptions) &&
      exceptions.every(Number.isFinite);
    return isWhole ? new NumberCodec(column, { origin, cell, exceptions }) : null;
  }

  toJSON(column: number): SavedNumbers {
    return { column, origin: this.origin, cell: this.cell, exceptions: [...this.#exceptions.values()] };
  }

  encode(value: number): number {
    return Math.min(Math.max(value - this.origin, -this.#farthest), this.#farthest);
  }

  decode(number: number): number {
    const exception = this.#exceptions.get(number);
    if (exception !== undefined) return exception;
    const value = this.#round(this.origin + number);
    return Math.min(Math.max(value, this.#minimum), this.#maximum);
  }
}

/** 0, or the middle of a far range on its grid. */
function originOf(minimum: number, maximum: number, step: number | null): number {
  const range = maximum - minimum;
  if (Math.max(Math.abs(minimum), Math.abs(maximum)) <= FAR * range) return 0;
  const grain = step ?? 10 ** Math.floor(Math.log10(range || Math.abs(minimum) || 1));
  return rounderTo(grain)((minimum + maximum) / 2);
}

/**
 * What decoded numbers are rounded to: the column's step, or the decimals that float32 can keep, so that 0.1
 * is not written as 0.10000000149011612. Null where no rounding would be exact.
 */
export function grainOf(
  { minimum = 0, maximum = 0, step = null }: ColumnSchema,
  origin: number,
): number | null {
  if (step !== null) return step;
  const farthest = Math.max(Math.abs(minimum - origin), Math.abs(maximum - origin));
  const resolution = 10 ** Math.ceil(Math.log10(farthest * 2 ** -24 || 1));
  // Powers of ten beyond 22 are not exact.
  return decimalPlaces(resolution) > 22 ? null : resolution;
}
