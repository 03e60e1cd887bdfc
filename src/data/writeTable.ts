import { gzipSync } from 'node:zlib';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { formatCsv, formatJson } from './formatTable.js';
import type { Table } from './types.js';

/**
 * Writes a table, as its file's name says: .csv, .tsv, .json, .ndjson or .jsonl, each also with .gz,
 * or .parquet; CSV for any other name. The file appears whole or not at all.
 * @throws PushforwardError `input` when the file cannot be written.
 */
export async function writeTable(table: Table, path: string): Promise<void> {
  try {
    if (/[.](parquet|pq)$/i.test(path)) {
      const { writeParquet } = await import('./writeParquet.js');
      return await writeParquet(table, path);
    }
    const isPacked = /[.]gz$/i.test(path);
    const text = formatFor(table, isPacked ? path.slice(0, -3) : path);
    await writeFileAtomic(path, isPacked ? gzipSync(text) : text);
  } catch (cause) {
    if (cause instanceof PushforwardError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new PushforwardError('input', `cannot be written${code === undefined ? '' : ` (${code})`}`, {
      where: path,
      mend: 'check the folder and its permissions',
      cause,
    });
  }
}

function formatFor(table: Table, path: string): string {
  if (/[.]json$/i.test(path)) return formatJson(table, false);
  if (/[.](ndjson|jsonl)$/i.test(path)) return formatJson(table, true);
  return formatCsv(table, /[.]tsv$/i.test(path) ? '\t' : ',');
}
