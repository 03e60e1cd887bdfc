import { PushforwardError } from '../errors.js';
import { findAtoms } from './atoms.js';
import { naturalBounds } from './bounds.js';
import { findStep } from './grid.js';
import { type NumberSummary, summarise, without } from './summary.js';
import type { ColumnKind, ColumnSchema, Level, TableColumn } from './types.js';

/** Most levels of a category: each costs the model one output and one input. */
export const MOST_LEVELS = 1000;
/** A numeric column with at most this many distinct values, and ten rows for each, is ordinal. */
const FEW_VALUES = 20;
const ROWS_PER_VALUE = 10;
/** So is one with somewhat more values, far from filling their range, and a hundred rows for each. */
const SPARSE_VALUES = 64;
const ROWS_PER_SPARSE_VALUE = 100;
const SPARSE_SHARE = 0.25;

/** Range of a column whose squares, and whose share in a thousand parts, float32 still holds. */
const SMALLEST_RANGE = 1e-15;
const LARGEST_RANGE = 1e15;

/** What a column's schema is made from. */
export interface ColumnSource {
  readonly column: TableColumn;
  /** The table's name, for messages. */
  readonly source: string;
  readonly rows: number;
}

/** Place of a value for messages; rows count from 1. */
export function placeOf({ source, column }: ColumnSource, row?: number): string {
  return `${source}, column ${column.name}${row === undefined ? '' : `, row ${row + 1}`}`;
}

/** Number of rows without a value. */
export function countMissing({ values }: TableColumn): number {
  let missing = 0;
  for (const value of values) if (value === null || Number.isNaN(value)) missing++;
  return missing;
}

/** The distinct values that are there, in no particular order. */
export function distinctLevels(column: TableColumn): Level[] {
  if (column.type === 'number' || column.type === 'datetime')
    return Array.from(summarise(column.values).values);
  const seen = new Set<string | boolean>();
  for (const value of column.values) if (value !== null) seen.add(value);
  return Array.from(seen);
}

/** A column of categories, each with a probability of its own: numbers and words ascending, false before true. */
export function levelColumn(from: ColumnSource, kind: ColumnKind, levels: readonly Level[]): ColumnSchema {
  if (levels.length > MOST_LEVELS) {
    throw new PushforwardError(
      'input',
      `${levels.length} different values are too many for categories, of which at most ${MOST_LEVELS} fit`,
      {
        where: placeOf(from),
        mend: `leave the column out with --drop ${from.column.name}, or group its values first`,
      },
    );
  }
  return { ...base(from, kind), levels: [...levels].sort((a, b) => (a < b ? -1 : 1)) };
}

/** A column of numbers or moments, as inferred. */
export function inferNumbers(
  from: ColumnSource,
  column: TableColumn & { values: Float64Array },
): ColumnSchema {
  const summary = summarise(column.values);
  const atoms = findAtoms(summary);
  const rest = without(summary, atoms);
  if (isDiscrete(summary, rest)) {
    return levelColumn(from, 'ordinal', Array.from(summary.values));
  }
  const isInteger = summary.values.every(Number.isInteger);
  const kind = column.type === 'datetime' ? 'datetime' : isInteger ? 'integer' : 'continuous';
  return numberColumn(from, kind, rest, atoms);
}

/** A column of numbers or moments of a kind that was asked for. */
export function forcedNumbers(
  from: ColumnSource,
  column: TableColumn & { values: Float64Array },
  kind: ColumnKind,
): ColumnSchema {
  const summary = summarise(column.values);
  const atoms = findAtoms(summary);
  const rest = without(summary, atoms);
  // With two values or fewer beside the atoms there is no shape to be learnt from them.
  return rest.values.length > 2
    ? numberColumn(from, kind, rest, atoms)
    : numberColumn(from, kind, summary, []);
}

/** Refuses numbers whose spread float32 cannot hold with room for the maths. */
function checkRange(from: ColumnSource, values: Float64Array): void {
  const range = (values.at(-1) ?? 0) - (values[0] ?? 0);
  if (range === 0 || (range >= SMALLEST_RANGE && range <= LARGEST_RANGE)) return;
  throw new PushforwardError('input', `its values lie ${range} apart, which float32 cannot compute with`, {
    where: placeOf(from),
    mend: `use another unit, or leave the column out with --drop ${from.column.name}`,
  });
}

function numberColumn(
  from: ColumnSource,
  kind: ColumnKind,
  rest: NumberSummary,
  atoms: readonly number[],
): ColumnSchema {
  const { values } = rest;
  checkRange(from, values);
  const isDatetime = kind === 'datetime';
  const bounds = isDatetime ? { lower: null, upper: null } : naturalBounds(rest, kind === 'integer');
  return {
    ...base(from, kind),
    minimum: values[0] as number,
    maximum: values[values.length - 1] as number,
    step: findStep(rest, isDatetime),
    ...bounds,
    ...(atoms.length === 0 ? {} : { atoms }),
  };
}

/** Whether the values are few enough, for their rows, that each is better learnt by itself. */
function isDiscrete(all: NumberSummary, rest: NumberSummary): boolean {
  const distinct = all.values.length;
  if (distinct <= 2 || rest.values.length <= 2) return distinct <= MOST_LEVELS;
  if (distinct <= FEW_VALUES) return distinct * ROWS_PER_VALUE <= all.present;
  if (distinct > SPARSE_VALUES || distinct * ROWS_PER_SPARSE_VALUE > all.present) return false;
  const step = findStep(rest, false);
  const range = (rest.values[rest.values.length - 1] as number) - (rest.values[0] as number);
  return step === null || rest.values.length < SPARSE_SHARE * (range / step + 1);
}

function base({ column, rows }: ColumnSource, kind: ColumnKind): ColumnSchema {
  return { name: column.name, kind, type: column.type, missing: countMissing(column) / rows };
}
