import { gzipSync } from 'node:zlib';
import test from 'ava';
import { readTable } from '../../src/data/read.js';
import { columnOf, fileOf, publicData, readText, valuesOf } from './files.js';

test('types come from all rows, the last one included', async (t) => {
  const rows = Array.from({ length: 30_000 }, (_, i) => `${i},${i},x`);
  const table = await readText(t, `a,b,c\n${rows.join('\n')}\n7,2.5,y\n`);
  t.is(table.rows, 30_001);
  t.deepEqual(
    table.columns.map(({ name, type }) => [name, type]),
    [
      ['a', 'number'],
      ['b', 'number'],
      ['c', 'string'],
    ],
  );
  t.is(columnOf(table, 'b').values[30_000], 2.5);
});

test('the rows of a large file keep their order', async (t) => {
  const rows = Array.from({ length: 400_000 }, (_, i) => `${i},${i % 7}`);
  const path = await fileOf(t, 'rows.csv', `i,j\n${rows.join('\n')}\n`);
  for (const source of [path, { sql: `select * from '${path}'` }]) {
    const { values } = columnOf(await readTable(source), 'i');
    t.true((values as Float64Array).every((value, row) => value === row));
  }
});

test('words for missing values, blanks around values, and numbers among them', async (t) => {
  const table = await readText(t, 'x,word\n 1 , a\nNA,?\n?,b \n , NA \n2,nan\n');
  t.deepEqual(valuesOf(table, 'x'), [1, Number.NaN, Number.NaN, Number.NaN, 2]);
  t.deepEqual(columnOf(table, 'word').values, ['a', null, 'b', null, null]);
});

test('numbers whose gaps are padded with several blanks are numbers', async (t) => {
  const table = await readText(t, 'x,y\n1,a\n   ?   ,b\n3,c\n');
  t.deepEqual(valuesOf(table, 'x'), [1, Number.NaN, 3]);
});

test('digits with underscores are no numbers, whether or not there are gaps', async (t) => {
  for (const text of ['x,y\n1_000,a\n2_000,b\n', 'x,y\n1_000,a\n   NA   ,b\n']) {
    t.is(columnOf(await readText(t, text), 'x').values[0], '1_000');
  }
});

test('yes and no stay words, true and false are booleans, codes keep their zeros', async (t) => {
  const table = await readText(t, 'a,b,c\nyes,true,007\nno,False,012\n,,100\n');
  t.deepEqual(columnOf(table, 'a').values, ['yes', 'no', null]);
  t.deepEqual(columnOf(table, 'b'), { name: 'b', type: 'boolean', values: [true, false, null] });
  t.deepEqual(columnOf(table, 'c').values, ['007', '012', '100']);
});

test('dates and timestamps are milliseconds, times of day seconds', async (t) => {
  const table = await readText(
    t,
    'd,t,z,clock\n2020-03-01,2020-03-01 12:00:00.5,2020-03-01T12:00:00+02:00,01:00:02\n,,,\n',
  );
  t.is(columnOf(table, 'd').type, 'datetime');
  t.deepEqual(valuesOf(table, 'd'), [Date.UTC(2020, 2, 1), Number.NaN]);
  t.is(columnOf(table, 't').values[0], Date.UTC(2020, 2, 1, 12, 0, 0, 500));
  t.is(columnOf(table, 'z').values[0], Date.UTC(2020, 2, 1, 10));
  t.deepEqual(valuesOf(table, 'clock'), [3602, Number.NaN]);
});

test('delimiters, quotes, line ends, byte order marks and blank lines', async (t) => {
  const plain = await readText(t, 'a,b\n1,x\n2,"y, ""z""\nw"\n');
  t.deepEqual(columnOf(plain, 'b').values, ['x', 'y, "z"\nw']);
  for (const text of ['a;b\n1;x\n2;y\n', 'a\tb\r\n1\tx\r\n2\ty\r\n', '\ufeffa|b\n1|x\n\n2|y']) {
    const table = await readText(t, text);
    t.deepEqual(valuesOf(table, 'a'), [1, 2]);
    t.deepEqual(columnOf(table, 'b').values, ['x', 'y']);
  }
  const decimalComma = await readText(t, 'a;b\n1,5;x\n2,5;y\n');
  t.deepEqual(columnOf(decimalComma, 'a').values, ['1,5', '2,5']);
});

test('without a header columns are numbered; a header can be asserted or denied', async (t) => {
  const path = await fileOf(t, 'rows.csv', 'p,q\nr,s\nt,u\n');
  t.deepEqual(
    (await readTable(path, { header: true })).columns.map(({ name }) => name),
    ['p', 'q'],
  );
  const bare = await readTable(path, { header: false });
  t.deepEqual(
    bare.columns.map(({ name }) => name),
    ['column0', 'column1'],
  );
  t.is(bare.rows, 3);
  t.is((await readText(t, '1,2\n3,4\n')).columns[1]?.name, 'column1');
});

test('gzip is seen by its content, JSON and NDJSON by their names', async (t) => {
  const csv = gzipSync('a,b\n1,x\n2,y\n');
  for (const name of ['rows.csv.gz', 'rows.csv']) {
    t.deepEqual(columnOf(await readTable(await fileOf(t, name, csv)), 'b').values, ['x', 'y']);
  }
  const ndjson = '{"a": 1, "b": "x"}\n{"a": 2.5, "b": null}\n{"b": ""}\n';
  for (const [name, content] of [
    ['rows.ndjson', ndjson],
    ['rows.jsonl.gz', gzipSync(ndjson)],
    ['rows.json', `[${ndjson.trim().split('\n').join(',')}]`],
  ] as const) {
    const table = await readTable(await fileOf(t, name, content));
    t.deepEqual(valuesOf(table, 'a'), [1, 2.5, Number.NaN], name);
    t.deepEqual(columnOf(table, 'b').values, ['x', null, null], name);
  }
});

test('integers that a double cannot hold become text, others numbers', async (t) => {
  const table = await readText(t, 'a,b\n9007199254740993,9007199254740991\n1,2\n');
  t.deepEqual(columnOf(table, 'a').values, ['9007199254740993', '1']);
  t.deepEqual(valuesOf(table, 'b'), [Number.MAX_SAFE_INTEGER, 2]);
});

test('every type of a query has a place; nested and binary ones are listed', async (t) => {
  const table = await readTable({
    sql: `select 1::tinyint a, 1.25::decimal(9, 2) b, 0.1::float c, 5::hugeint d, true e, 'x'::enum('x', 'y') f,
      uuid() g, null h, [1] list, {'k': 1} nested, 'z'::blob bytes -- and a comment
      ;`,
  });
  t.deepEqual(
    table.columns.map(({ type, values }) => (type === 'number' ? values[0] : type)),
    [1, 1.25, 0.1, 5, 'boolean', 'string', 'string', Number.NaN],
  );
  t.deepEqual(
    table.unreadable?.map(({ name }) => name),
    ['list', 'nested', 'bytes'],
  );
  t.is(table.source, 'sql');
});

test('a query names files, and its order is kept', async (t) => {
  const path = await fileOf(t, "o'clock.csv", 'a,b\n1,NA\n2,5\n3,7\n');
  const table = await readTable({ sql: `select a, b from '${path.replace("'", "''")}' order by a desc` });
  t.deepEqual(valuesOf(table, 'a'), [3, 2, 1]);
  t.deepEqual(valuesOf(table, 'b'), [7, 5, Number.NaN]);
});

test('public tables have the columns and gaps they are known for', async (t) => {
  const path = publicData(t, 'tabular/adult.data.gz');
  if (path === null) return;
  const adult = await readTable(path);
  t.is(adult.rows, 32_561);
  const work = columnOf(adult, 'column01');
  t.true((work.values as (string | null)[]).includes('State-gov'));
  t.is((work.values as (string | null)[]).filter((value) => value === null).length, 1836);
  const abalone = publicData(t, 'tabular/abalone.csv.gz');
  if (abalone === null) return;
  const rings = columnOf(await readTable(abalone), 'column8');
  t.is(rings.type, 'number');
  t.is(rings.values[0], 15);
});
