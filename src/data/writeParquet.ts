import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  DuckDBDataChunk,
  DuckDBDateValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import { replaceFile } from '../files.js';
import { quoteName, quoteText, withDuckDB } from './duckdb.js';
import { isDateOnly } from './formatTable.js';
import { duckdbFailure } from './readErrors.js';
import type { Table, TableColumn } from './types.js';

const DAY = 86_400_000;
/** Rows of a DuckDB vector. */
const CHUNK = 2048;

/** How a column enters the database. */
interface ParquetColumn {
  readonly name: string;
  readonly type: DuckDBType;
  readonly value: (row: number) => DuckDBValue;
}

/** Writes a Parquet file through DuckDB: whole numbers as BIGINT, midnights as DATE; whole or not at all. */
export async function writeParquet(table: Table, path: string): Promise<void> {
  await replaceFile(path, (temporary) =>
    exportRows(table, temporary).catch((error) => {
      throw duckdbFailure(error, path, 'check the disk, or give another path');
    }),
  );
}

async function exportRows(table: Table, path: string): Promise<void> {
  const columns = table.columns.map(parquetColumn);
  await withDuckDB(async (connection) => {
    const definitions = columns.map(({ name, type }) => `${quoteName(name)} ${type}`);
    await connection.run(`CREATE TEMP TABLE outgoing (${definitions.join()})`);
    const appender = await connection.createAppender('outgoing');
    const types = columns.map(({ type }) => type);
    for (let start = 0; start < table.rows; start += CHUNK) {
      const rows = Math.min(CHUNK, table.rows - start);
      const chunk = DuckDBDataChunk.create(types, rows);
      chunk.setColumns(columns.map(({ value }) => Array.from({ length: rows }, (_, i) => value(start + i))));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    await connection.run(`COPY outgoing TO ${quoteText(path)} (FORMAT parquet)`);
  });
}

function parquetColumn(column: TableColumn): ParquetColumn {
  const { name } = column;
  if (column.type === 'string') return { name, type: VARCHAR, value: (row) => column.values[row] ?? null };
  if (column.type === 'boolean') return { name, type: BOOLEAN, value: (row) => column.values[row] ?? null };
  const { values } = column;
  const ifPresent = (convert: (value: number) => DuckDBValue) => (row: number) => {
    const value = values[row] as number;
    return Number.isNaN(value) ? null : convert(value);
  };
  if (column.type === 'datetime') {
    return isDateOnly(values)
      ? { name, type: DATE, value: ifPresent((value) => new DuckDBDateValue(value / DAY)) }
      : {
          name,
          type: TIMESTAMP,
          value: ifPresent((value) => new DuckDBTimestampValue(BigInt(Math.round(value * 1000)))),
        };
  }
  return values.every((value) => Number.isNaN(value) || Number.isSafeInteger(value))
    ? { name, type: BIGINT, value: ifPresent((value) => BigInt(value)) }
    : { name, type: DOUBLE, value: ifPresent((value) => value) };
}
