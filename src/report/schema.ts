import type { ColumnSchema, Level, TableSchema } from '../data/types.js';
import { alignColumns } from './columns.js';
import { formatCount, formatValue } from './numbers.js';

/** The columns as the model understands them, one line each under a heading. */
export function schemaTable(schema: TableSchema): string {
  const rows = schema.columns.map((column) => [column.name, kind(column), missing(column), values(column)]);
  return alignColumns([['column', 'kind', 'missing', 'values'], ...rows], ['left', 'left', 'right', 'left']);
}

function kind(column: ColumnSchema): string {
  return column.dropped === undefined ? column.kind : `${column.kind}, left out`;
}

function missing(column: ColumnSchema): string {
  return column.missing === 0 ? '' : `${(100 * column.missing).toFixed(1)} %`;
}

function values(column: ColumnSchema): string {
  if (column.dropped !== undefined) return column.dropped;
  if (column.levels !== undefined) return levels(column.levels);
  if (column.minimum === undefined || column.maximum === undefined) return '';
  const show = column.kind === 'datetime' ? formatDate : formatValue;
  const step =
    column.step === undefined || column.step === null ? '' : `, step ${stepOf(column, column.step)}`;
  return `${show(column.minimum)} to ${show(column.maximum)}${step}`;
}

function levels(all: readonly Level[]): string {
  const shown = all.slice(0, 5).map(String).join(', ');
  return all.length > 5 ? `${shown}, … (${formatCount(all.length)} in all)` : shown;
}

function formatDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/T00:00:00[.]000Z$/, '');
}

function stepOf(column: ColumnSchema, step: number): string {
  if (column.kind !== 'datetime') return formatValue(step);
  if (step % 86_400_000 === 0) return `${step / 86_400_000} d`;
  return step % 1000 === 0 ? `${step / 1000} s` : `${step} ms`;
}
