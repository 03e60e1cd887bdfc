import type { ColumnSchema, Level, TableSchema } from './types.js';

/** The schema as an aligned table for people: column, kind, share missing, and what its values are. */
export function describeSchema(schema: TableSchema): string {
  const rows = [
    ['column', 'kind', 'missing', 'values'],
    ...schema.columns.map((column) => [column.name, kindOf(column), missingOf(column), valuesOf(column)]),
  ];
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  return rows
    .map(([name = '', kind = '', missing = '', values = '']) => {
      const [first = 0, second = 0, third = 0] = widths;
      return `${name.padEnd(first)}  ${kind.padEnd(second)}  ${missing.padStart(third)}  ${values}`.trimEnd();
    })
    .join('\n');
}

function kindOf({ kind, dropped }: ColumnSchema): string {
  return dropped === undefined ? kind : 'left out';
}

function missingOf({ missing }: ColumnSchema): string {
  return missing === 0 ? '' : `${(100 * missing).toFixed(1)} %`;
}

function valuesOf(column: ColumnSchema): string {
  const { dropped, levels, minimum, maximum } = column;
  if (dropped !== undefined) return dropped;
  const show = (value: Level): string => showLevel(column, value);
  if (levels !== undefined) {
    const some = levels.slice(0, 6).map(show).join(', ');
    return levels.length > 6 ? `${some}, … (${levels.length} in all)` : some;
  }
  if (minimum === undefined || maximum === undefined) return '';
  return [`${show(minimum)} to ${show(maximum)}`, ...propertiesOf(column, show)].join(', ');
}

function propertiesOf(column: ColumnSchema, show: (value: Level) => string): string[] {
  const { step, lower, upper, atoms } = column;
  const parts: string[] = [];
  if (typeof step === 'number') parts.push(`step ${showStep(column, step)}`);
  if (typeof upper === 'number') parts.push(`within ${lower} and ${upper}`);
  else if (typeof lower === 'number') parts.push(`at least ${lower}`);
  if (atoms !== undefined) parts.push(`often ${atoms.map(show).join(', ')}`);
  return parts;
}

function showLevel({ type }: ColumnSchema, value: Level): string {
  if (type !== 'datetime') return String(value);
  return new Date(Number(value)).toISOString().replace(/T00:00:00[.]000Z$|[.]000Z$/, '');
}

function showStep({ kind }: ColumnSchema, step: number): string {
  if (kind !== 'datetime') return String(step);
  if (step % 86_400_000 === 0) return `${step / 86_400_000} d`;
  return step % 1000 === 0 ? `${step / 1000} s` : `${step} ms`;
}
