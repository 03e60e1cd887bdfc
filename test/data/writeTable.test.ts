import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { formatCsv } from '../../src/data/formatTable.js';
import { readTable } from '../../src/data/read.js';
import type { Table } from '../../src/data/types.js';
import { writeTable } from '../../src/data/writeTable.js';
import { columnOf, expectFailure, fileOf, temporaryFolder } from './files.js';

const day = 86_400_000;
const table: Table = {
  rows: 3,
  source: 'memory',
  columns: [
    { name: 'count, in all', type: 'number', values: Float64Array.of(1, Number.NaN, -30_000) },
    { name: 'x', type: 'number', values: Float64Array.of(0.1, 1e-7, -123.456789012345) },
    { name: 'text', type: 'string', values: ['a, "b"\nc', null, 'é'] },
    { name: 'flag', type: 'boolean', values: [true, null, false] },
    { name: 'day', type: 'datetime', values: Float64Array.of(0, Number.NaN, 365 * day) },
    { name: 'moment', type: 'datetime', values: Float64Array.of(1.5e12 + 7, -1, Number.NaN) },
    { name: 'second', type: 'datetime', values: Float64Array.of(1.5e12, 0, Number.NaN) },
  ],
};

for (const name of ['t.csv', 't.csv.gz', 't.tsv', 't.json', 't.ndjson', 't.jsonl.gz', 't.parquet']) {
  test(`${name} read again is the table that was written`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeTable(table, join(folder, name));
    const again = await readTable(join(folder, name));
    t.deepEqual(again.columns, table.columns);
    t.deepEqual(await readdir(folder), [name]);
  });
}

test('CSV follows RFC 4180, whole numbers have no point, dates no time', (t) => {
  t.is(
    formatCsv(table),
    [
      '"count, in all",x,text,flag,day,moment,second',
      '1,0.1,"a, ""b""\nc",true,1970-01-01,2017-07-14T02:40:00.007,2017-07-14T02:40:00',
      ',1e-7,,,,1969-12-31T23:59:59.999,1970-01-01T00:00:00',
      '-30000,-123.456789012345,é,false,1971-01-01,,',
      '',
    ].join('\n'),
  );
});

test('a lone column with gaps keeps all its rows', async (t) => {
  const folder = await temporaryFolder(t);
  const lone: Table = {
    rows: 3,
    source: 'memory',
    columns: [{ name: 'x', type: 'number', values: Float64Array.of(1, Number.NaN, 3) }],
  };
  // Readers skip blank lines, so a gap on its own is a pair of quotes.
  t.is(formatCsv(lone), 'x\n1\n""\n3\n');
  for (const name of ['t.csv', 't.json', 't.parquet']) {
    await writeTable(lone, join(folder, name));
    t.deepEqual(columnOf(await readTable(join(folder, name)), 'x').values, lone.columns[0]?.values, name);
  }
});

test('a file that cannot be written is told, and leaves nothing behind', async (t) => {
  const path = await fileOf(t, 'plain', 'not a folder');
  for (const name of ['t.csv', 't.parquet']) {
    await expectFailure(t, () => writeTable(table, join(path, name)), 'input', 'cannot be written');
  }
  t.deepEqual(await readdir(dirname(path)), ['plain']);
  t.is(await readFile(path, 'utf8'), 'not a folder');
});
