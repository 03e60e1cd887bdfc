import type { ReadOptions } from './stagedRead.js';
import type { Table } from './types.js';

export type { ReadOptions } from './stagedRead.js';

/**
 * Reads a table: a CSV (any of , ; | and tab), JSON, NDJSON or Parquet file, plain or gzipped, or the
 * rows of an SQL query, in which a quoted path names a file.
 *
 * Types are DuckDB's, from all rows of a file. Blanks around text are cut off, and in text files an
 * empty field, NA, N/A, ?, nan or null is missing. `yes` and `no` stay words; `true` and `false` are
 * booleans. Without a header, columns are column0, column1, … (with as many digits as the last one
 * needs). Times of day are seconds after midnight, integers beyond 2^53 are strings, dates and
 * timestamps are read as UTC. Columns of a nested or binary type are listed in `unreadable`.
 *
 * @throws PushforwardError `input`, in one line, with the file and, where known, its line.
 */
export async function readTable(
  source: string | { readonly sql: string },
  options: ReadOptions = {},
): Promise<Table> {
  // DuckDB takes longer to load than TensorFlow.js, and many a program has its rows in memory.
  const { readStaged } = await import('./stagedRead.js');
  return readStaged(source, options);
}
