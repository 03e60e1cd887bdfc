import type { Table, TableColumn } from './types.js';

const DAY = 86_400_000;

/**
 * A table as CSV (RFC 4180, line ends `\n`), with a header. A missing value is an empty field,
 * datetimes are ISO 8601 in UTC without a zone, and only the date where all are midnights; numbers
 * are the shortest text that reads back as the same double.
 */
export function formatCsv(table: Table, delimiter = ','): string {
  const special = new RegExp(`[${delimiter}"\\r\\n]|^\\s|\\s$`);
  const quote = (text: string): string => (special.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const fields = table.columns.map((column) => fieldFormatter(column, quote));
  const lines = [table.columns.map(({ name }) => quote(name)).join(delimiter)];
  for (let row = 0; row < table.rows; row++) {
    const line = fields.map((field) => field(row)).join(delimiter);
    // A lone missing value would be a blank line, which readers skip.
    lines.push(line === '' ? '""' : line);
  }
  return `${lines.join('\n')}\n`;
}

/** Rows as JSON objects: an array, or one a line. Missing and infinite numbers are null, datetimes ISO 8601 with a Z. */
export function formatJson(table: Table, isOneALine: boolean): string {
  const values = table.columns.map(jsonFormatter);
  const rows = Array.from({ length: table.rows }, (_, row) =>
    JSON.stringify(Object.fromEntries(table.columns.map(({ name }, i) => [name, values[i]?.(row) ?? null]))),
  );
  if (isOneALine) return rows.map((row) => `${row}\n`).join('');
  return rows.length === 0 ? '[]\n' : `[\n${rows.join(',\n')}\n]\n`;
}

/** Whether all moments of a column are midnights, so that it is one of dates. */
export function isDateOnly(moments: Float64Array): boolean {
  return moments.every((moment) => !Number.isFinite(moment) || moment % DAY === 0);
}

function fieldFormatter(column: TableColumn, quote: (text: string) => string): (row: number) => string {
  if (column.type === 'datetime') {
    const format = momentFormatter(column.values, '');
    return (row) => format(column.values[row] as number) ?? '';
  }
  if (column.type === 'number') {
    return (row) => {
      const value = column.values[row] as number;
      return Number.isNaN(value) ? '' : String(value);
    };
  }
  if (column.type === 'boolean') return (row) => String(column.values[row] ?? '');
  return (row) => quote(column.values[row] ?? '');
}

function jsonFormatter(column: TableColumn): (row: number) => string | number | boolean | null {
  if (column.type === 'datetime') {
    const format = momentFormatter(column.values, 'Z');
    return (row) => format(column.values[row] as number);
  }
  if (column.type === 'number') {
    return (row) => {
      const value = column.values[row] as number;
      return Number.isFinite(value) ? value : null;
    };
  }
  return (row) => column.values[row] ?? null;
}

/** One format for a whole column: dates, seconds or milliseconds, whichever loses nothing. */
function momentFormatter(moments: Float64Array, zone: '' | 'Z'): (moment: number) => string | null {
  const isDate = isDateOnly(moments);
  const hasMilliseconds = moments.some((moment) => Number.isFinite(moment) && moment % 1000 !== 0);
  const dropped = hasMilliseconds ? 'Z'.length : '.000Z'.length;
  return (moment) => {
    const date = new Date(moment);
    if (Number.isNaN(date.getTime())) return null;
    const text = date.toISOString();
    return isDate ? text.slice(0, text.indexOf('T')) : `${text.slice(0, -dropped)}${zone}`;
  };
}
