import { type DuckDBConnection, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import { quoteName } from './duckdb.js';
import { classifyText, cleanText } from './readText.js';
import type { TableColumn } from './types.js';

/** How one column leaves the database: the expression that makes it a DOUBLE, BOOLEAN or VARCHAR. */
interface ColumnPlan {
  readonly name: string;
  readonly type: TableColumn['type'];
  readonly expression: string;
}

export interface ReadColumns {
  readonly rows: number;
  readonly columns: TableColumn[];
  readonly unreadable: { readonly name: string; readonly type: string }[];
}

const SMALL_NUMBERS = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);
const LARGE_INTEGERS = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
]);
const MOMENTS = new Set([
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
]);

/**
 * Takes all columns out of a table of the database. Integers beyond 2^53, which a double cannot
 * hold, make their column one of strings; times of day become seconds after midnight; `isText` says
 * that strings come from a text file, where words like NA mean missing.
 */
export async function readColumns(
  connection: DuckDBConnection,
  table: string,
  isText: boolean,
): Promise<ReadColumns> {
  const empty = await connection.run(`SELECT * FROM ${table} LIMIT 0`);
  const types = empty.columnTypes();
  const found = empty.columnNames().map((name, i) => ({ name, type: types[i] as DuckDBType }));
  const texts = isText ? found.filter(({ type }) => isString(type)).map(({ name }) => name) : [];
  const contents = await classifyText(connection, table, texts);
  const tooLarge = await findTooLarge(
    connection,
    table,
    found.filter(({ type }) => LARGE_INTEGERS.has(type.typeId)).map(({ name }) => name),
  );
  const plans: ColumnPlan[] = [];
  const unreadable: { name: string; type: string }[] = [];
  for (const { name, type } of found) {
    const content = contents.get(name);
    const plan =
      content === undefined
        ? planColumn(name, type, tooLarge.has(name))
        : { name, type: content, expression: castText(name, content) };
    if (plan === null) unreadable.push({ name, type: describeType(type) });
    else plans.push(plan);
  }
  const rows = await countRows(connection, table);
  return { rows, columns: await fetchColumns(connection, table, plans, rows), unreadable };
}

function isString(type: DuckDBType): boolean {
  return type.typeId === DuckDBTypeId.VARCHAR && type.alias === undefined;
}

function planColumn(name: string, type: DuckDBType, isTooLarge: boolean): ColumnPlan | null {
  const column = quoteName(name);
  const { typeId } = type;
  if (SMALL_NUMBERS.has(typeId)) return { name, type: 'number', expression: `${column}::DOUBLE` };
  if (LARGE_INTEGERS.has(typeId)) {
    return isTooLarge
      ? { name, type: 'string', expression: `${column}::VARCHAR` }
      : { name, type: 'number', expression: `${column}::DOUBLE` };
  }
  // Through its shortest text a float32 0.1 becomes 0.1 and not 0.10000000149011612.
  if (typeId === DuckDBTypeId.FLOAT) {
    return { name, type: 'number', expression: `${column}::VARCHAR::DOUBLE` };
  }
  if (MOMENTS.has(typeId)) {
    const expression = `CASE WHEN isinf(${column}) THEN 'Infinity'::DOUBLE ELSE epoch_ms(${column})::DOUBLE END`;
    return { name, type: 'datetime', expression };
  }
  if (typeId === DuckDBTypeId.TIME) return { name, type: 'number', expression: `epoch(${column})::DOUBLE` };
  if (typeId === DuckDBTypeId.BOOLEAN) return { name, type: 'boolean', expression: column };
  if (isString(type) || typeId === DuckDBTypeId.ENUM || typeId === DuckDBTypeId.UUID) {
    return { name, type: 'string', expression: `nullif(${column}::VARCHAR, '')` };
  }
  return null;
}

function castText(name: string, content: TableColumn['type']): string {
  if (content === 'number') return `(${cleanText(name)})::DOUBLE`;
  if (content === 'boolean') return `(lower(${cleanText(name)}) = 'true')`;
  return cleanText(name);
}

function describeType(type: DuckDBType): string {
  return type.alias ?? String(type).replace(/\(.*\)$/s, '');
}

async function findTooLarge(
  connection: DuckDBConnection,
  table: string,
  names: readonly string[],
): Promise<Set<string>> {
  if (names.length === 0) return new Set();
  const limit = Number.MAX_SAFE_INTEGER;
  const tests = names.map((name) => `bool_or(${quoteName(name)} NOT BETWEEN -${limit} AND ${limit})`);
  const reader = await connection.runAndReadAll(`SELECT ${tests.join()} FROM ${table}`);
  const row = reader.getRows()[0] ?? [];
  return new Set(names.filter((_, i) => row[i] === true));
}

async function countRows(connection: DuckDBConnection, table: string): Promise<number> {
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${table}`);
  return Number(reader.getRows()[0]?.[0]);
}

async function fetchColumns(
  connection: DuckDBConnection,
  table: string,
  plans: readonly ColumnPlan[],
  rows: number,
): Promise<TableColumn[]> {
  if (plans.length === 0) return [];
  const sinks = plans.map((plan) => new ColumnSink(plan, rows));
  // A stream filled by two threads gives the row groups in the order in which they are done.
  await connection.run('SET threads = 1');
  const result = await connection.stream(
    `SELECT ${plans.map(({ expression }) => expression).join()} FROM ${table}`,
  );
  let start = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    sinks.forEach((sink, i) => {
      chunk.visitColumnValues(i, (value, row) => sink.put(start + row, value));
    });
    start += chunk.rowCount;
  }
  return sinks.map((sink) => sink.column());
}

/** Gathers the values of one column. */
class ColumnSink {
  readonly #plan: ColumnPlan;
  readonly #numbers: Float64Array;
  readonly #others: (string | boolean | null)[];
  /** One copy of each string, however many rows hold it. */
  readonly #strings = new Map<string, string>();

  constructor(plan: ColumnPlan, rows: number) {
    this.#plan = plan;
    const isNumeric = plan.type === 'number' || plan.type === 'datetime';
    this.#numbers = new Float64Array(isNumeric ? rows : 0);
    this.#others = isNumeric ? [] : new Array<string | boolean | null>(rows).fill(null);
  }

  put(row: number, value: unknown): void {
    if (typeof value === 'string') {
      const known = this.#strings.get(value);
      if (known === undefined) this.#strings.set(value, value);
      this.#others[row] = known ?? value;
    } else if (typeof value === 'boolean') {
      this.#others[row] = value;
    } else if (this.#numbers.length > 0) {
      this.#numbers[row] = typeof value === 'number' ? value : Number.NaN;
    }
  }

  column(): TableColumn {
    const { name, type } = this.#plan;
    if (type === 'number' || type === 'datetime') return { name, type, values: this.#numbers };
    if (type === 'boolean') return { name, type, values: this.#others as (boolean | null)[] };
    return { name, type, values: this.#others as (string | null)[] };
  }
}
