import { PushforwardError } from '../errors.js';
import { nearNames } from './nearNames.js';
import type { ColumnSchema, Level, Table, TableColumn } from './types.js';

/** The values of a column in the type of the schema; NaN or null is missing. */
export interface AdaptedColumn {
  readonly values: ArrayLike<Level | null>;
}

const NOUNS = { number: 'a number', datetime: 'a date', string: 'text', boolean: 'true or false' } as const;

/**
 * Finds a column of the schema in a table and reads it in the schema's type. A small file may give
 * the reader less to go by than the fit had, so what means the same is taken: a column without any
 * value as any type, numbers and booleans as the text they are written as, text that is a number or
 * a boolean as that.
 *
 * @throws PushforwardError `input` for a column that is not there, or a value that is not of its type.
 */
export function adaptColumn(schema: ColumnSchema, table: Table): AdaptedColumn {
  const { name, type } = schema;
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw absent(name, table);
  if (column.type === type) return column;
  if (isEmpty(column)) return { values: Array.from({ length: table.rows }, () => missingOf(type)) };
  if (type === 'string' && column.type !== 'datetime') {
    return { values: Array.from(column.values as ArrayLike<Level | null>, textOf) };
  }
  if (column.type === 'string' && (type === 'number' || type === 'boolean')) {
    return { values: column.values.map((text, row) => parseText(schema, table, text, row)) };
  }
  const row = (column.values as readonly unknown[]).findIndex(
    (value) => value !== null && !Number.isNaN(value),
  );
  throw mismatch(schema, table, row, column.values[row] ?? null);
}

function textOf(value: Level | null): string | null {
  return value === null || Number.isNaN(value) ? null : String(value);
}

function parseText(schema: ColumnSchema, table: Table, text: string | null, row: number): Level | null {
  if (text === null) return missingOf(schema.type);
  if (schema.type === 'number') {
    const value = Number(text);
    if (text.trim() !== '' && !Number.isNaN(value)) return value;
  } else {
    const word = text.trim().toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
  }
  throw mismatch(schema, table, row, text);
}

function missingOf(type: TableColumn['type']): number | null {
  return type === 'number' || type === 'datetime' ? Number.NaN : null;
}

function isEmpty({ values }: TableColumn): boolean {
  return Array.from(values as ArrayLike<unknown>).every((value) => value === null || Number.isNaN(value));
}

function absent(name: string, table: Table): PushforwardError {
  const unreadable = table.unreadable?.find((column) => column.name === name);
  const where = `${table.source}, column ${name}`;
  if (unreadable !== undefined) {
    const what = `is of type ${unreadable.type}, which cannot be read`;
    return new PushforwardError('input', what, { where, mend: 'cast it with --sql' });
  }
  const near = nearNames(
    name,
    table.columns.map((column) => column.name),
  );
  const hint = near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`;
  return new PushforwardError('input', `is missing${hint}`, {
    where,
    mend: 'give a table with the columns of the fit',
  });
}

function mismatch(schema: ColumnSchema, table: Table, row: number, value: Level | null): PushforwardError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  return new PushforwardError('input', `holds ${shown} where the fit saw ${NOUNS[schema.type]}`, {
    where: `${table.source}, column ${schema.name}, row ${row + 1}`,
    mend: 'mend that value, or convert the column with --sql',
  });
}
