import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteName, quoteText } from './duckdb.js';

/** Words that stand for a missing value in text files, after trimming. */
export const MISSING_WORDS = [
  '',
  'NA',
  'N/A',
  'n/a',
  '#N/A',
  '<NA>',
  '?',
  'nan',
  'NaN',
  'NAN',
  'null',
  'NULL',
];

/** A text column's expression: blanks around it cut off, and nothing where a word says missing. */
export function cleanText(name: string): string {
  const trimmed = `trim(${quoteName(name)}, e' \\t\\r\\n')`;
  return `CASE WHEN ${trimmed} IN (${MISSING_WORDS.map(quoteText).join()}) THEN NULL ELSE ${trimmed} END`;
}

/** What a text column's values are, all of them. */
export type TextContent = 'number' | 'boolean' | 'string';

/**
 * Tells which text columns hold nothing but numbers, or nothing but true and false. Numbers escape
 * DuckDB's sniffer when a missing value is written with blanks around it, and those from a CSV read
 * by a query of the user's were sniffed without our list of words. Digits after a leading zero are
 * codes (007, 01234), not numbers.
 */
export async function classifyText(
  connection: DuckDBConnection,
  table: string,
  names: readonly string[],
): Promise<Map<string, TextContent>> {
  const contents = new Map(names.map((name): [string, TextContent] => [name, 'string']));
  // Most text shows in its first rows that it is no other thing; only the rest is read through.
  const candidates = await judge(connection, `(FROM ${table} LIMIT 1000)`, names);
  const open = names.filter((name) => candidates.get(name) !== 'string');
  for (const [name, content] of await judge(connection, table, open)) contents.set(name, content ?? 'string');
  return contents;
}

/** What the values of each column could be; null for a column without any. */
async function judge(
  connection: DuckDBConnection,
  rows: string,
  names: readonly string[],
): Promise<Map<string, TextContent | null>> {
  if (names.length === 0) return new Map();
  const counts = names.flatMap((name) => {
    const value = `(${cleanText(name)})`;
    return [
      `count(${value})`,
      `count_if(${value} IS NOT NULL AND (try_cast(${value} AS DOUBLE) IS NULL OR regexp_matches(${value}, '^[+-]?0[0-9]|_')))`,
      `count_if(${value} IS NOT NULL AND lower(${value}) NOT IN ('true', 'false'))`,
    ];
  });
  const reader = await connection.runAndReadAll(`SELECT ${counts.join()} FROM ${rows}`);
  const row = (reader.getRows()[0] ?? []).map(Number);
  return new Map(
    names.map((name, i) => {
      const [present, notNumbers, notBooleans] = row.slice(3 * i, 3 * i + 3);
      if (present === 0) return [name, null];
      if (notNumbers === 0) return [name, 'number'];
      return [name, notBooleans === 0 ? 'boolean' : 'string'];
    }),
  );
}
