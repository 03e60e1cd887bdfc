import { PushforwardError } from '../errors.js';
import { type ColumnSource, distinctLevels, forcedNumbers, levelColumn, placeOf } from './schemaColumn.js';
import type { ColumnKind, ColumnSchema, TableColumn } from './types.js';

/**
 * A column of the kind that the user asks for.
 * @throws PushforwardError `input` when its values cannot be of that kind, with the first such row.
 */
export function overriddenColumn(from: ColumnSource, kind: Exclude<ColumnKind, 'id'>): ColumnSchema {
  const { column } = from;
  switch (kind) {
    case 'categorical':
    case 'ordinal':
      return levelColumn(from, kind, distinctLevels(column));
    case 'boolean': {
      const levels = distinctLevels(column);
      if (levels.length > 2) {
        const row = (column.values as readonly unknown[]).indexOf(levels[2]);
        throw impossible(from, kind, row, `is a third value, ${levels[2]}`);
      }
      return levelColumn(from, kind, levels);
    }
    case 'datetime':
      if (column.type !== 'datetime') {
        throw impossible(from, kind, firstPresent(column), `holds ${shown(column)}, no date`);
      }
      return forcedNumbers(from, column, kind);
    default: {
      if (column.type !== 'number') {
        const row = firstNotNumber(column);
        throw impossible(from, kind, row, `holds ${shown(column, row)}, no number`);
      }
      const fraction = column.values.findIndex((value) => !Number.isNaN(value) && !Number.isInteger(value));
      if (kind === 'integer' && fraction >= 0) {
        throw impossible(from, kind, fraction, `holds ${column.values[fraction]}, no whole number`);
      }
      return forcedNumbers(from, column, kind);
    }
  }
}

function firstPresent({ values }: TableColumn): number {
  return (values as readonly unknown[]).findIndex((value) => value !== null && !Number.isNaN(value));
}

function firstNotNumber(column: TableColumn): number {
  if (column.type !== 'string') return firstPresent(column);
  const row = column.values.findIndex((value) => value !== null && Number.isNaN(Number(value)));
  return row < 0 ? firstPresent(column) : row;
}

function shown(column: TableColumn, row = firstPresent(column)): string {
  const value = column.values[row];
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return column.type === 'datetime' ? new Date(value as number).toISOString() : String(value);
}

function impossible(from: ColumnSource, kind: ColumnKind, row: number, what: string): PushforwardError {
  return new PushforwardError('input', `${what}, so the column cannot be ${kind}`, {
    where: placeOf(from, row),
    mend: 'choose another kind, or convert the column with --sql',
  });
}
