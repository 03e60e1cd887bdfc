import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { readTable } from '../../src/data/read.js';
import type { Table, TableColumn } from '../../src/data/types.js';
import { PushforwardError } from '../../src/errors.js';

/** A folder that goes away when the test ends. */
export async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pushforward-data-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A file of that name and content in a folder of its own. */
export async function fileOf(
  t: ExecutionContext,
  name: string,
  content: string | Uint8Array,
): Promise<string> {
  const path = join(await temporaryFolder(t), name);
  await writeFile(path, content);
  return path;
}

export async function readText(t: ExecutionContext, content: string, name = 'rows.csv'): Promise<Table> {
  return readTable(await fileOf(t, name, content));
}

/** Path of a public data set beside the repository, or null, said aloud, where it is not there. */
export function publicData(t: ExecutionContext, name: string): string | null {
  const path = join(process.cwd(), '..', 'shared', 'data', ...name.split('/'));
  if (existsSync(path)) return path;
  t.log(`skipped: ${name} is not on this machine`);
  t.pass();
  return null;
}

/** A table in memory; the type of a column follows from its values. */
export function tableOf(columns: Record<string, Float64Array | readonly (string | boolean | null)[]>): Table {
  const made = Object.entries(columns).map(([name, values]): TableColumn => {
    if (values instanceof Float64Array) return { name, type: 'number', values };
    return values.some((value) => typeof value === 'boolean')
      ? { name, type: 'boolean', values: values as (boolean | null)[] }
      : { name, type: 'string', values: values as (string | null)[] };
  });
  return { rows: made[0]?.values.length ?? 0, columns: made, source: 'memory' };
}

/** The values of one column. */
export function columnOf(table: Table, name: string): TableColumn {
  const found = table.columns.find((column) => column.name === name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
}

/** The values of one column as a list. */
export function valuesOf(table: Table, name: string): unknown[] {
  return Array.from(columnOf(table, name).values as ArrayLike<unknown>);
}

/** Expects a failure of ours: its code, one line, and all of the words in it. */
export async function expectFailure(
  t: ExecutionContext,
  attempt: () => unknown,
  code: PushforwardError['code'],
  ...words: string[]
): Promise<void> {
  const error = await t.throwsAsync(async () => attempt(), { instanceOf: PushforwardError });
  t.is(error?.code, code, error?.message);
  t.false(error?.message.includes('\n'), error?.message);
  for (const word of words) t.true(error?.message.includes(word), `"${word}" in: ${error?.message}`);
}
