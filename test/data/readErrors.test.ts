import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { readTable } from '../../src/data/read.js';
import { expectFailure, fileOf, temporaryFolder } from './files.js';

/** Name and content of a file, and what the message must hold besides the name. */
const unusable: [string, string | Uint8Array, ...string[]][] = [
  ['empty.csv', '', 'empty'],
  ['blank.csv', '\n\n  \n', 'empty'],
  ['empty.csv.gz', gzipSync(''), 'empty'],
  ['header.csv', 'a,b,c\n', 'no rows'],
  ['header.csv', 'a,b,c', 'no rows'],
  ['ragged.csv', 'a,b,c\n1,2,3\n4,5\n6,7,8\n', 'line 3', '2 values', '3'],
  ['ragged.csv', 'a,b,c\n1,2,3\n4,5,6,7\n6,7,8\n', 'line 3', 'more than 3'],
  ['ragged.csv', 'a,b\n1,2,3\n4,5,6\n7,8,9\n', 'line 2', 'more than 2'],
  ['ragged.csv.gz', gzipSync('1,2,3\n4,5,6\n4,5\n'), 'line 3', '2 values'],
  ['quote.csv', 'a,b\n1,x\n2,"y\n3,z\n', 'line 3', 'never closes'],
  ['binary.csv', Uint8Array.of(1, 0, 2, 0, 3, 255), 'binary'],
  ['latin.csv', Uint8Array.of(0x61, 0x2c, 0x62, 10, 0x31, 0x2c, 0xe9, 10), 'UTF-8'],
  ['utf16.csv', Uint8Array.from([0xff, 0xfe, 0x61, 0, 10, 0]), 'UTF-16'],
  ['book.xlsx', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), 'spreadsheet'],
  ['rows.parquet', 'PAR1 but nothing else, and no footer', 'damaged'],
  ['rows.parquet', 'a,b\n1,2\n', 'not a Parquet file'],
  ['rows.csv.gz', 'a,b\n1,2\n', 'not gzip'],
  ['rows.csv.gz', gzipSync('a,b\n1,2\n').fill(7, 4), 'unpack'],
  ['rows.json', '{"a": 1,', 'Malformed JSON'],
  ['rows.json', '[]', 'no rows'],
];

unusable.forEach(([name, content, ...words], i) => {
  test(`${name} that cannot be read is refused in one line (${i + 1}: ${words.join(', ')})`, async (t) => {
    const path = await fileOf(t, name, content);
    await expectFailure(t, () => readTable(path), 'input', path, ...words);
  });
});

test('a ragged row far down a file is named', async (t) => {
  const rows = Array.from({ length: 50_000 }, (_, i) => (i === 41_234 ? '1,2' : `${i},x,y`));
  const path = await fileOf(t, 'rows.csv', `a,b,c\n${rows.join('\n')}\n`);
  await expectFailure(t, () => readTable(path), 'input', path, 'line 41236', '2 values');
});

test('a file that is not there, a folder, a path through a file', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'rows.csv'));
  await expectFailure(t, () => readTable(join(folder, 'rows.csv')), 'input', 'is a folder');
  await expectFailure(t, () => readTable(join(folder, 'none.csv')), 'input', 'no such file');
  const path = await fileOf(t, 'a.csv', 'a\n1\n');
  await expectFailure(t, () => readTable(join(path, 'b.csv')), 'input', 'no such file');
});

test('messages name the source that the caller gives', async (t) => {
  const path = await fileOf(t, 'rows.csv', 'a,b\n1\n');
  await expectFailure(t, () => readTable(path, { sourceName: 'sales' }), 'input', 'sales, line 2');
});

test('a query that is not one SELECT is refused before it runs', async (t) => {
  const path = await fileOf(t, 'rows.csv', 'a\n1\n');
  const folder = dirname(path);
  const queries = [
    `copy (select 1) to '${join(folder, 'out.csv')}'`,
    `attach '${join(folder, 'new.db')}'`,
    'create table t as select 1',
    'select 1; select 2',
    `export database '${folder}'`,
    'install httpfs',
    'select $1',
    'set threads = 1',
  ];
  for (const sql of queries) await expectFailure(t, () => readTable({ sql }), 'input', 'sql', 'SELECT');
  t.deepEqual(await readdir(folder), ['rows.csv']);
});

test('mistakes in a query are told in one line', async (t) => {
  const path = await fileOf(t, 'ragged.csv', `a,b\n${'1,2\n'.repeat(3000)}1,2,3\n`);
  await expectFailure(t, () => readTable({ sql: 'selec 1' }), 'input', 'sql', 'syntax error');
  await expectFailure(t, () => readTable({ sql: "select * from 'none.csv'" }), 'input', 'none.csv');
  await expectFailure(t, () => readTable({ sql: 'select x from range(3)' }), 'input', '"x"');
  await expectFailure(t, () => readTable({ sql: 'select 1 where false' }), 'input', 'no rows');
  await expectFailure(t, () => readTable({ sql: ' ' }), 'input', 'empty');
  await expectFailure(t, () => readTable({ sql: `select * from '${path}'` }), 'input', 'sql');
});
