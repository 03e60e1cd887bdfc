import { PushforwardError } from '../errors.js';
import type { NumberCodec } from './codecNumbers.js';
import { adaptColumn } from './codecTypes.js';
import type {
  CategoricalVariable,
  ColumnSchema,
  EncodedRows,
  Level,
  NumericVariable,
  Table,
  TableColumn,
} from './types.js';

/** Widths of the rows of codes and of numbers. */
export interface Widths {
  readonly codes: number;
  readonly numbers: number;
}

/** How one column of the schema becomes variables of the model, and these become the column again. */
export interface ColumnCodec {
  /** Index in the schema. */
  readonly index: number;
  readonly categorical: CategoricalVariable | null;
  readonly numeric: NumericVariable | null;
  readonly numbers: NumberCodec | null;
  encode(table: Table, into: EncodedRows, widths: Widths): void;
  decode(codes: ArrayLike<number>, numbers: ArrayLike<number>, rows: number, widths: Widths): TableColumn;
}

/** @param next the indices that the column's variables get, if it has any */
export function columnCodec(
  column: ColumnSchema,
  index: number,
  numbersOf: () => NumberCodec,
  next: { readonly categorical: number; readonly numeric: number },
): ColumnCodec {
  return column.levels === undefined
    ? numberColumn(column, index, numbersOf(), next)
    : levelColumn(column, index, column.levels, next.categorical);
}

function levelColumn(
  column: ColumnSchema,
  index: number,
  levels: readonly Level[],
  variable: number,
): ColumnCodec {
  const hasGaps = column.missing > 0;
  const missingCode = hasGaps ? levels.length : -1;
  const codeOf = new Map<Level | null, number>(levels.map((level, code) => [level, code]));
  if (hasGaps) codeOf.set(null, missingCode);
  return {
    index,
    categorical: {
      name: column.name,
      column: index,
      role: 'levels',
      cardinality: levels.length + (hasGaps ? 1 : 0),
      missingCode,
    },
    numeric: null,
    numbers: null,
    encode(table, { rows, codes, unseen }, widths) {
      const { values } = adaptColumn(column, table);
      for (let row = 0; row < rows; row++) {
        const value = values[row] ?? null;
        const code = codeOf.get(typeof value === 'number' && Number.isNaN(value) ? null : value);
        if (code === undefined) unseen[row] = 1;
        else codes[row * widths.codes + variable] = code;
      }
    },
    decode(codes, _, rows, widths) {
      return fillColumn(
        column,
        rows,
        (row) => levels[codes[row * widths.codes + variable] as number] ?? null,
      );
    },
  };
}

function numberColumn(
  column: ColumnSchema,
  index: number,
  numbers: NumberCodec,
  next: { readonly categorical: number; readonly numeric: number },
): ColumnCodec {
  const { atoms = [], missing } = column;
  const hasGaps = missing > 0;
  const firstAtom = hasGaps ? 2 : 1;
  const hasState = hasGaps || atoms.length > 0;
  const state = hasState ? next.categorical : -1;
  const place = next.numeric;
  const codeOf = new Map(atoms.map((atom, i) => [atom, firstAtom + i]));
  return {
    index,
    categorical: hasState
      ? {
          name: column.name,
          column: index,
          role: 'state',
          cardinality: firstAtom + atoms.length,
          missingCode: hasGaps ? 1 : -1,
        }
      : null,
    numeric: { name: column.name, column: index, origin: numbers.origin, step: numbers.cell, state },
    numbers,
    encode(table, into, widths) {
      const { values } = adaptColumn(column, table);
      for (let row = 0; row < into.rows; row++) {
        const value = values[row] as number;
        const atom = codeOf.get(value);
        if (Number.isNaN(value)) {
          if (hasGaps) into.codes[row * widths.codes + state] = 1;
          else into.unseen[row] = 1;
        } else if (atom !== undefined) {
          into.codes[row * widths.codes + state] = atom;
        } else if (Number.isFinite(value)) {
          into.numbers[row * widths.numbers + place] = numbers.encode(value);
        } else {
          throw new PushforwardError('input', `holds ${value}`, {
            where: `${table.source}, column ${column.name}, row ${row + 1}`,
            mend: 'replace or remove infinite values',
          });
        }
      }
    },
    decode(codes, encoded, rows, widths) {
      return fillColumn(column, rows, (row) => {
        const code = state < 0 ? 0 : (codes[row * widths.codes + state] as number);
        if (code === 0) return numbers.decode(encoded[row * widths.numbers + place] as number);
        return hasGaps && code === 1 ? null : (atoms[code - firstAtom] ?? null);
      });
    },
  };
}

function fillColumn(
  { name, type }: ColumnSchema,
  rows: number,
  value: (row: number) => Level | null,
): TableColumn {
  if (type === 'number' || type === 'datetime') {
    return {
      name,
      type,
      values: Float64Array.from({ length: rows }, (_, row) => (value(row) as number | null) ?? Number.NaN),
    };
  }
  const values = Array.from({ length: rows }, (_, row) => value(row));
  if (type === 'boolean') return { name, type, values: values as (boolean | null)[] };
  return { name, type, values: values as (string | null)[] };
}
