import { gzipSync } from 'node:zlib';
import { writeFileAtomic } from '../files.js';
import { formatCsv, formatJson } from './formatTable.js';
import type { Table } from './types.js';

/**
 * Writes a table, as its file's name says: .csv, .tsv, .json, .ndjson or .jsonl, each also with .gz,
 * or .parquet; CSV for any other name. The file appears whole or not at all.
 * @throws PushforwardError `input` when the file cannot be written.
 */
export async function writeTable(table: Table, path: string): Promise<void> {
  if (/[.](parquet|pq)$/i.test(path)) {
    const { writeParquet } = await import('./writeParquet.js');
    return writeParquet(table, path);
  }
  const isPacked = /[.]gz$/i.test(path);
  const text = formatFor(table, isPacked ? path.slice(0, -3) : path);
  await writeFileAtomic(path, isPacked ? gzipSync(text) : text);
}

function formatFor(table: Table, path: string): string {
  if (/[.]json$/i.test(path)) return formatJson(table, false);
  if (/[.](ndjson|jsonl)$/i.test(path)) return formatJson(table, true);
  return formatCsv(table, /[.]tsv$/i.test(path) ? '\t' : ',');
}
