import type { Table } from '../data/types.js';

/** Rows as JSON gives them: missing is null, datetimes are ISO 8601. */
export function rowsAsObjects(table: Table): Record<string, string | number | boolean | null>[] {
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(
      table.columns.map((column) => {
        const value = column.values[row] ?? null;
        if (typeof value !== 'number') return [column.name, value];
        if (Number.isNaN(value)) return [column.name, null];
        return [column.name, column.type === 'datetime' ? new Date(value).toISOString() : value];
      }),
    ),
  );
}
