import { PushforwardError } from '../errors.js';
import { nearNames } from './nearNames.js';
import {
  type ColumnSource,
  countMissing,
  distinctLevels,
  inferNumbers,
  levelColumn,
  MOST_LEVELS,
  placeOf,
} from './schemaColumn.js';
import { overriddenColumn } from './schemaOverride.js';
import type { ColumnKind, ColumnSchema, Level, Table, TableColumn, TableSchema } from './types.js';

export { parseSchema } from './schemaParse.js';
export { describeSchema } from './schemaText.js';

export interface SchemaOptions {
  /** Kinds that override what is inferred, by column. */
  readonly columns?: Readonly<Record<string, ColumnKind>>;
  /** Columns to leave out. */
  readonly drop?: readonly string[];
}

/** Names of columns that count or identify rows. */
const IDENTIFIER =
  /^(id|idx|index|key|uuid|guid|no|nr|record|row|row ?_?(id|no|num|number|index)|unnamed:? ?\d+|.*[ _.-](id|uuid|guid)|.*[a-z](Id|ID))$/;
/** The name of a first column that has none. */
const NAMELESS = /^column0+$/;
/** Text of which this share of the values differ, and more than these, identifies rows. */
const IDENTIFYING_SHARE = 0.9;
const FEW_TEXTS = 20;

/**
 * Finds out what each column of a table means; the rules stand with the functions that hold them.
 *
 * Left out, with a warning: identifiers, constant columns (given back by samples), columns without
 * any value (likewise) and those in `drop`.
 *
 * @throws PushforwardError `usage` for a column in the options that does not exist; `input` for fewer
 * than two rows, infinite values, text with more than 1000 levels, a kind that the values cannot
 * have, a nested type, or when no column is left.
 */
export function inferSchema(
  table: Table,
  options: SchemaOptions = {},
): { schema: TableSchema; warnings: string[] } {
  const { source, rows } = table;
  checkNames(table, options);
  if (rows < 2) {
    throw new PushforwardError('input', `has ${rows === 1 ? 'one row' : 'no rows'}`, {
      where: source,
      mend: 'give at least two rows, and some hundred for a fit worth having',
    });
  }
  const dropped = new Set(options.drop);
  const kinds = new Map(Object.entries(options.columns ?? {}));
  for (const { name, type } of table.unreadable ?? []) {
    if (dropped.has(name)) continue;
    throw new PushforwardError('input', `is of type ${type}, which cannot be modelled`, {
      where: `${source}, column ${name}`,
      mend: `leave it out with --drop ${name}, or cast it with --sql`,
    });
  }
  const warnings: string[] = [];
  const columns = table.columns.map((column): ColumnSchema => {
    const from = { column, source, rows };
    if (dropped.has(column.name)) return leftOut(from, 'not wanted');
    const schema = columnSchema(from, kinds.get(column.name));
    if (schema.dropped !== undefined) warnings.push(`column ${column.name} is left out: ${schema.dropped}`);
    return schema;
  });
  if (columns.every((column) => column.dropped !== undefined)) {
    throw new PushforwardError('input', 'no column is left to model', {
      where: source,
      mend: 'give a table with at least one column that varies',
    });
  }
  return { schema: { version: 1, columns }, warnings };
}

function columnSchema(from: ColumnSource, kind: ColumnKind | undefined): ColumnSchema {
  const { column, rows } = from;
  checkFinite(from);
  if (kind === 'id') return leftOut(from, 'an identifier', 'id');
  const missing = countMissing(column);
  if (missing === rows) return leftOut(from, 'all its values are missing');
  const constant = missing === 0 ? constantOf(column) : undefined;
  if (constant !== undefined) return { ...leftOut(from, 'all its values are the same'), constant };
  if (kind !== undefined) return overriddenColumn(from, kind);
  if (column.type === 'boolean') return levelColumn(from, 'boolean', distinctLevels(column));
  if (column.type === 'string') return inferText(from);
  if (isRowNumber(column)) return leftOut(from, 'it numbers the rows', 'id');
  return inferNumbers(from, column);
}

/** Text is categorical, unless (nearly) every row has a text of its own. */
function inferText(from: ColumnSource): ColumnSchema {
  const { column, rows } = from;
  const levels = distinctLevels(column);
  const isIdentifying =
    levels.length > FEW_TEXTS && levels.length >= IDENTIFYING_SHARE * (rows - countMissing(column));
  if (isIdentifying && (levels.length <= MOST_LEVELS || IDENTIFIER.test(column.name))) {
    return leftOut(from, `nearly every row has a value of its own (${levels.length} in all)`, 'id');
  }
  return levelColumn(from, 'categorical', levels);
}

/** Whole numbers that all differ, under a name for identifiers or, in an unnamed column, one after the other. */
function isRowNumber(column: TableColumn & { values: Float64Array }): boolean {
  const { name, values } = column;
  if (column.type !== 'number' || !values.every(Number.isInteger)) return false;
  const isCounting = values.every((value, row) => row === 0 || value === (values[row - 1] as number) + 1);
  if (NAMELESS.test(name) && isCounting) return true;
  const isNamed = IDENTIFIER.test(name) || IDENTIFIER.test(name.toLowerCase());
  return isNamed && (isCounting || new Set(values).size === values.length);
}

function constantOf({ values }: TableColumn): Level | undefined {
  const first = values[0];
  return first !== null && (values as readonly unknown[]).every((value) => value === first)
    ? first
    : undefined;
}

function leftOut({ column, rows }: ColumnSource, dropped: string, kind?: ColumnKind): ColumnSchema {
  const natural = {
    number: 'continuous',
    datetime: 'datetime',
    string: 'categorical',
    boolean: 'boolean',
  } as const;
  const { name, type } = column;
  return { name, kind: kind ?? natural[type], type, missing: countMissing(column) / rows, dropped };
}

function checkFinite(from: ColumnSource): void {
  const { column } = from;
  if (column.type !== 'number' && column.type !== 'datetime') return;
  const row = column.values.findIndex((value) => value === Infinity || value === -Infinity);
  if (row < 0) return;
  throw new PushforwardError('input', `holds ${column.values[row]}`, {
    where: placeOf(from, row),
    mend: `replace or remove infinite values, or leave the column out with --drop ${column.name}`,
  });
}

function checkNames({ columns, unreadable = [], source }: Table, options: SchemaOptions): void {
  const names = [...columns, ...unreadable].map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new PushforwardError('input', `two columns are named ${twice}`, {
      where: source,
      mend: 'give each column a name of its own',
    });
  }
  for (const name of [...Object.keys(options.columns ?? {}), ...(options.drop ?? [])]) {
    if (names.includes(name)) continue;
    const near = nearNames(name, names);
    throw new PushforwardError('usage', `no column is named ${name}`, {
      where: source,
      mend: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `its columns are ${listed(names)}`,
    });
  }
}

function listed(names: readonly string[]): string {
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')}, …`;
}
