import test from 'ava';
import { presentNumbers, TableCodec } from '../../src/data/codec.js';
import { readTable } from '../../src/data/read.js';
import { inferSchema, type SchemaOptions } from '../../src/data/schema.js';
import type { Table } from '../../src/data/types.js';
import { Random } from '../../src/random.js';
import { columnOf, expectFailure, publicData, tableOf, valuesOf } from './files.js';

const n = 600;
const normal = Float64Array.from(new Random(3).normal(new Float32Array(n)));
const gappy = normal.map((value, i) =>
  i % 5 === 0 ? Number.NaN : i % 3 === 0 ? 0 : Math.round(value * 100) / 100,
);

const mixed = tableOf({
  word: Array.from({ length: n }, (_, i) => ['x', 'y', null, 'z'][i % 4] as string | null),
  gappy,
  flag: Array.from({ length: n }, (_, i) => i % 7 === 0),
  grade: Float64Array.from({ length: n }, (_, i) => [2, 4, 8][i % 3] as number),
  exact: normal,
  count: normal.map((value) => Math.round(20 * value)),
});

function codecOf(table: Table, options?: SchemaOptions): TableCodec {
  return TableCodec.fit(inferSchema(table, options).schema, table);
}

/** Every value of the schema's columns comes back: exactly on a grid, else to float32. */
function sameAfterCoding(table: Table, codec: TableCodec): string | null {
  const { codes, numbers, unseen } = codec.encode(table);
  if (unseen.some((flag) => flag !== 0)) return 'a training row is unseen';
  const decoded = codec.decode(codes, numbers);
  for (const column of decoded.columns) {
    const schema = codec.schema.columns.find(({ name }) => name === column.name);
    const original = columnOf(table, column.name);
    if (original.type !== column.type) return `${column.name} is ${column.type}`;
    const isExact =
      schema?.levels !== undefined || typeof schema?.step === 'number' || schema?.dropped !== undefined;
    const scale = (schema?.maximum ?? 0) - (schema?.minimum ?? 0);
    for (let row = 0; row < table.rows; row++) {
      const [a, b] = [original.values[row], column.values[row]];
      if (Object.is(a, b) || (a === 0 && b === 0)) continue;
      if (!isExact && Math.abs((a as number) - (b as number)) <= 1e-6 * scale) continue;
      return `${column.name}, row ${row}: ${a} became ${b}`;
    }
  }
  return null;
}

test('variables: levels with missing last, states before atoms', (t) => {
  const codec = codecOf(mixed);
  t.deepEqual(
    codec.categoricals.map(({ name, role, cardinality, missingCode }) => [
      name,
      role,
      cardinality,
      missingCode,
    ]),
    [
      ['word', 'levels', 4, 3],
      ['gappy', 'state', 3, 1],
      ['flag', 'levels', 2, -1],
      ['grade', 'levels', 3, -1],
    ],
  );
  t.deepEqual(
    codec.numerics.map(({ name, step, state }) => [name, step, state]),
    [
      ['gappy', 0.01, 1],
      ['exact', null, -1],
      ['count', 1, -1],
    ],
  );
});

test('codes and numbers of single rows', (t) => {
  const codec = codecOf(mixed);
  const { codes, numbers } = codec.encode(mixed);
  const present = presentNumbers(codec, codec.encode(mixed));
  for (let row = 0; row < n; row++) {
    const value = gappy[row] as number;
    const state = Number.isNaN(value) ? 1 : value === 0 ? 2 : 0;
    t.is(codes[row * 4 + 1], state);
    t.is(present[row * 3], state === 0 ? 1 : 0);
    t.is(numbers[row * 3], state === 0 ? Math.fround(value) : 0);
    t.is(codes[row * 4], [0, 1, 3, 2][row % 4]);
    t.is(codes[row * 4 + 3], row % 3);
  }
});

test('decoding undoes encoding, and so does a codec from JSON', (t) => {
  const codec = codecOf(mixed);
  t.is(sameAfterCoding(mixed, codec), null);
  const again = TableCodec.fromJSON(JSON.parse(JSON.stringify(codec)));
  t.is(sameAfterCoding(mixed, again), null);
  t.deepEqual(again.encode(mixed), codec.encode(mixed));
  t.deepEqual(again.toJSON(), codec.toJSON());
});

for (const name of [
  'abalone.csv.gz',
  'adult.test.gz',
  'bank-additional-full.csv.gz',
  'banknote.csv.gz',
  'breast-cancer-wisconsin.csv.gz',
  'california_housing.csv.gz',
  'german.csv.gz',
  'oil-spill.csv.gz',
  'penguins.csv',
  'penguins_raw.csv.gz',
  'winequality-red.csv',
]) {
  test(`decoding undoes encoding on ${name}`, async (t) => {
    const path = publicData(t, `tabular/${name}`);
    if (path === null) return;
    const table = await readTable(path);
    t.is(sameAfterCoding(table, codecOf(table)), null);
  });
}

test('dates and large numbers have an origin that float32 can count from', async (t) => {
  const table = await readTable({
    sql: `select timestamp '2015-01-01' + interval (i * 17) hour as moment, 5000000 + 3 * i as serial, 1e6 + i * 0.01 as price
      from range(5000) t(i)`,
  });
  const codec = codecOf(table);
  t.is(sameAfterCoding(table, codec), null);
  t.true(
    codec.numerics.every(({ origin, step }) => origin !== 0 && origin % (step ?? 1) < 1e-6 * (step ?? 1)),
  );
});

test('values off the grid of their column come back as they are', (t) => {
  const strays = normal.map((value, i) => (i % 100 === 0 ? value : Math.round(value * 10) / 10));
  const table = tableOf({ strays });
  const codec = codecOf(table);
  t.is(codec.schema.columns[0]?.step, 0.1);
  t.is(sameAfterCoding(table, codec), null);
});

test('decoded numbers lie on their grid and in the range seen, without noise', (t) => {
  const prices = normal.map((value) => Math.round(value * 30) / 10);
  const codec = codecOf(tableOf({ prices, whole: prices.map((value) => Math.round(value * 10)) }));
  const numbers = Float32Array.from({ length: 2 * n }, (_, i) => 0.0371 * (i - n));
  const decoded = codec.decode([], numbers);
  const { minimum, maximum } = codec.schema.columns[0] ?? {};
  const values = valuesOf(decoded, 'prices') as number[];
  t.true(values.every((value) => /^-?\d+([.]\d)?$/.test(String(value))));
  t.deepEqual([Math.min(...values), Math.max(...values)], [minimum, maximum]);
  t.true((valuesOf(decoded, 'whole') as number[]).every(Number.isInteger));
});

test('columns that were left out: constant and empty ones come back, others do not', (t) => {
  const table = tableOf({
    id: Float64Array.from({ length: n }, (_, i) => i),
    same: Array.from({ length: n }, () => 'k'),
    none: new Float64Array(n).fill(Number.NaN),
    x: normal,
    unwanted: normal,
  });
  const codec = codecOf(table, { drop: ['unwanted'] });
  const { codes, numbers } = codec.encode(tableOf({ x: normal }));
  const decoded = codec.decode(codes, numbers);
  t.deepEqual(
    decoded.columns.map(({ name }) => name),
    ['same', 'none', 'x'],
  );
  t.deepEqual(columnOf(decoded, 'same'), columnOf(table, 'same'));
  t.deepEqual(columnOf(decoded, 'none'), columnOf(table, 'none'));
});

test('what the fit never saw marks its row and no other', (t) => {
  const codec = codecOf(mixed);
  const rows = tableOf({
    word: ['x', 'new', null, 'z', 'x', 'y'],
    gappy: Float64Array.of(1, 2, Number.NaN, 0, 5e8, 1),
    flag: [true, false, true, true, null, false],
    grade: Float64Array.of(2, 4, 8, 3, 2, 4),
    exact: Float64Array.of(0, 0, 0, 0, 0, Number.NaN),
    count: Float64Array.of(1, 2, 3, 4, 5, 1e300),
    more: ['a', 'b', 'c', 'd', 'e', 'f'],
  });
  const { unseen, codes, numbers } = codec.encode(rows);
  t.deepEqual(Array.from(unseen), [0, 1, 0, 1, 1, 1]);
  t.deepEqual(Array.from(codes.subarray(4, 8)), [0, 0, 0, 0]);
  t.true(numbers.every(Number.isFinite));
});

test('columns that are missing, of another type or infinite are named', async (t) => {
  const codec = codecOf(mixed);
  const change = (name: string, values: Parameters<typeof tableOf>[0][string] | null): Table => {
    const columns = Object.fromEntries(
      mixed.columns.map((column) => [column.name, column.values as typeof values]),
    );
    delete columns[name];
    return tableOf({
      ...(columns as Parameters<typeof tableOf>[0]),
      ...(values === null ? {} : { [name]: values }),
    });
  };
  await expectFailure(
    t,
    () => codec.encode(change('grade', null)),
    'input',
    'memory, column grade',
    'missing',
  );
  const words = Array.from({ length: n }, (_, i) => (i === 8 ? 'many' : '3'));
  await expectFailure(
    t,
    () => codec.encode(change('count', words)),
    'input',
    'column count, row 9',
    '"many"',
  );
  await expectFailure(t, () => codec.encode(change('flag', normal)), 'input', 'column flag, row 1');
  const infinite = normal.map((value, i) => (i === 6 ? Number.POSITIVE_INFINITY : value));
  await expectFailure(
    t,
    () => codec.encode(change('exact', infinite)),
    'input',
    'column exact, row 7',
    'Infinity',
  );
});

test('a file too small to show its types is read as the fit saw them', (t) => {
  const codec = codecOf(
    tableOf({
      code: Array.from({ length: n }, (_, i) => (i % 2 === 0 ? '1' : 'B')),
      x: normal.map((v) => Math.abs(v)),
      y: gappy,
    }),
  );
  const rows = tableOf({ code: Float64Array.of(1, 1), x: ['0.5', '007'], y: [null, null] });
  const { codes, numbers, unseen } = codec.encode(rows);
  t.deepEqual(Array.from(unseen), [0, 0]);
  t.deepEqual(Array.from(codes), [0, 1, 0, 1]);
  t.deepEqual(Array.from(numbers), [0.5, 0, 7, 0]);
});

test('a column without any value is a column of gaps, whatever type the reader takes it for', async (t) => {
  const table = await readTable({
    sql: `select case when i % 3 = 0 then null else i % 2 = 0 end as flag,
      case when i % 4 = 0 then null else date '2020-01-01' + i::int end as day from range(60) t(i)`,
  });
  const codec = codecOf(table);
  const gaps = codec.encode(tableOf({ flag: Float64Array.of(Number.NaN, Number.NaN), day: [null, null] }));
  t.deepEqual(Array.from(gaps.unseen), [0, 0]);
  t.deepEqual(
    codec.decode(gaps.codes, gaps.numbers).columns.map(({ values }) => [...values]),
    [
      [null, null],
      [Number.NaN, Number.NaN],
    ],
  );
});

test('tables of categories only, of numbers only, and of no rows', (t) => {
  const words = tableOf({
    a: mixed.columns[0]?.values as string[],
    b: Array.from({ length: n }, (_, i) => i % 2 === 0),
  });
  t.is(sameAfterCoding(words, codecOf(words)), null);
  const numbers = tableOf({ normal });
  t.is(sameAfterCoding(numbers, codecOf(numbers)), null);
  const codec = codecOf(mixed);
  t.is(codec.decode([], [], 0).rows, 0);
});

test('a codec that is damaged is refused', async (t) => {
  const json = (): Record<string, unknown> => JSON.parse(JSON.stringify(codecOf(mixed)));
  const numbers = json().numbers as Record<string, unknown>[];
  const damaged: unknown[] = [
    null,
    [],
    'x',
    { ...json(), version: 9 },
    { ...json(), schema: { version: 1 } },
    { ...json(), numbers: numbers.slice(1) },
    { ...json(), numbers: numbers.map((entry) => ({ ...entry, origin: 'far' })) },
    { ...json(), numbers: numbers.map((entry) => ({ ...entry, cell: -1 })) },
    { ...json(), numbers: numbers.map((entry) => ({ ...entry, column: 99 })) },
    { ...json(), numbers: [null] },
  ];
  for (const broken of damaged) await expectFailure(t, () => TableCodec.fromJSON(broken), 'damaged');
});
