import test from 'ava';
import { readTable } from '../../src/data/read.js';
import { describeSchema, inferSchema, parseSchema } from '../../src/data/schema.js';
import type { ColumnSchema, Table } from '../../src/data/types.js';
import { Random } from '../../src/random.js';
import { expectFailure, publicData, readText, tableOf } from './files.js';

const n = 1000;
const normal = Float64Array.from(new Random(1).normal(new Float32Array(n)));
const uniform = Float64Array.from(new Random(2).uniform(new Float32Array(n)));
const letters = Array.from({ length: n }, (_, i) => 'abc'[i % 3] as string);

function infer(values: Parameters<typeof tableOf>[0][string], name = 'x'): ColumnSchema {
  // A second column, so that there is one to model whatever becomes of the first.
  const { schema } = inferSchema(
    tableOf({ [name]: values, other: values.length === n ? letters : ['p', 'q'] }),
  );
  return schema.columns[0] as ColumnSchema;
}

test('numbers: continuous, integer, ordinal, with their range', (t) => {
  const continuous = infer(normal);
  t.is(continuous.kind, 'continuous');
  t.is(continuous.minimum, Math.min(...normal));
  t.is(continuous.maximum, Math.max(...normal));
  t.is(continuous.lower, null);
  t.is(infer(normal.map((value) => Math.round(100 * value))).kind, 'integer');
  const ordinal = infer(normal.map((value) => Math.round(value)));
  t.is(ordinal.kind, 'ordinal');
  t.deepEqual(
    ordinal.levels,
    [...new Set(normal.map((value) => Math.round(value) || 0))].sort((a, b) => a - b),
  );
  t.is(infer(uniform.map((value) => (value < 0.3 ? 1 : 0))).kind, 'ordinal');
});

test('steps: the coarsest that nearly all values are multiples of', (t) => {
  for (const step of [0.001, 0.005, 0.01, 0.25, 1, 2, 25, 100]) {
    const values = normal.map((value) => Number((Math.round(50 * value) * step).toFixed(3)));
    t.is(infer(values).step, step);
  }
  const hundredths = normal.map((value) => Math.round(value * 100) / 100);
  t.is(infer(hundredths).step, 0.01);
  const withStrays = (every: number): Float64Array =>
    hundredths.map((value, i) => (i % every === 0 ? (normal[i] as number) : value));
  t.is(infer(withStrays(100)).step, 0.01);
  t.not(infer(withStrays(10)).step, 0.01);
});

test('text: categories, identifiers, too many levels', async (t) => {
  const category = infer(letters.map((letter, i) => (i % 10 === 0 ? null : letter)));
  t.is(category.kind, 'categorical');
  t.deepEqual(category.levels, ['a', 'b', 'c']);
  t.is(category.missing, 0.1);
  t.is(infer(letters.map((letter, i) => `${letter}${i}`)).kind, 'id');
  const many = Array.from({ length: 200_000 }, (_, i) => `value ${i}`);
  const table = tableOf({ 'the column': many, x: Float64Array.from(many, (_, i) => i % 100) });
  await expectFailure(
    t,
    () => inferSchema(table),
    'input',
    'memory, column the column',
    '200000',
    '--drop the column',
  );
  const identified = {
    ...table,
    columns: table.columns.map((column, i) => (i === 0 ? { ...column, name: 'id' } : column)),
  };
  t.is(inferSchema(identified).schema.columns[0]?.kind, 'id');
});

test('row numbers under a name that says so are left out, others are not', (t) => {
  const counting = Float64Array.from({ length: n }, (_, i) => i + 1);
  for (const name of ['id', 'ID', 'index', 'row_id', 'customerId', 'column00']) {
    t.is(infer(counting, name).kind, 'id', name);
  }
  for (const name of ['x', 'paid', 'width', 'day']) t.is(infer(counting, name).kind, 'integer', name);
  t.is(infer(normal, 'id').kind, 'continuous');
});

test('booleans are boolean', (t) => {
  t.deepEqual(infer(Array.from({ length: n }, (_, i) => i % 3 === 0)).levels, [false, true]);
});

test('atoms: values far more frequent than those around them', (t) => {
  const zeros = uniform.map((value, i) => (i % 3 === 0 ? 0 : value * 100));
  t.deepEqual(infer(zeros).atoms, [0]);
  t.true((infer(zeros).minimum as number) > 0);
  t.deepEqual(infer(uniform.map((value) => Math.min(value * 100, 95))).atoms, [95]);
  const sentinel = normal.map((value, i) => (i % 20 === 0 ? -999 : Math.round(20 * value)));
  t.deepEqual(infer(sentinel).atoms, [-999]);
  t.is(infer(sentinel).step, 1);
  t.is(infer(normal.map((value) => Math.round(20 * value))).atoms, undefined, 'a bell is no atom');
  const decay = Float64Array.from(uniform, (value) => Math.floor(-12 * Math.log(value)));
  t.is(infer(decay).atoms, undefined, 'nor are the first values of a decay');
});

test('natural bounds: where the values reach down to 0, or fill a share or percentage', (t) => {
  const amounts = Float64Array.from(normal, (value) => Math.exp(value));
  t.deepEqual([infer(amounts).lower, infer(amounts).upper], [0, null]);
  t.deepEqual([infer(uniform).lower, infer(uniform).upper], [0, 1]);
  const percent = uniform.map((value) => Math.round(value * 1000) / 10);
  t.deepEqual([infer(percent).lower, infer(percent).upper], [0, 100]);
  const weights = normal.map((value) => 70 + 10 * value);
  t.deepEqual([infer(weights).lower, infer(weights).upper], [null, null]);
});

test('dates keep their grid', async (t) => {
  const rows = Array.from({ length: 60 }, (_, i) =>
    new Date(Date.UTC(2021, 0, 1 + i * 2)).toISOString().slice(0, 10),
  );
  const { schema } = inferSchema(
    await readText(t, `day,x\n${rows.map((row, i) => `${row},${i}`).join('\n')}\n`),
  );
  t.is(schema.columns[0]?.kind, 'datetime');
  t.is(schema.columns[0]?.step, 86_400_000);
  t.true(describeSchema(schema).includes('2021-01-01 to 2021-04-29, step 1 d'));
});

test('constant and empty columns are left out with a warning, and kept in mind', (t) => {
  const { schema, warnings } = inferSchema(
    tableOf({ same: Float64Array.from({ length: n }, () => 7), none: letters.map(() => null), letters }),
  );
  t.is(schema.columns[0]?.constant, 7);
  t.is(schema.columns[1]?.missing, 1);
  t.deepEqual(
    schema.columns.map(({ dropped }) => dropped !== undefined),
    [true, true, false],
  );
  t.is(warnings.length, 2);
  t.true(warnings[0]?.includes('same') && warnings[1]?.includes('none'));
});

test('one value with gaps is no constant: whether it is there can be learnt', (t) => {
  const gappy = infer(Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 5 : Number.NaN)));
  t.is(gappy.dropped, undefined);
  t.deepEqual(gappy.levels, [5]);
});

test('tables without anything to model', async (t) => {
  await expectFailure(
    t,
    () => inferSchema(tableOf({ x: Float64Array.of(1), y: ['a'] })),
    'input',
    'memory',
    'one row',
  );
  await expectFailure(
    t,
    () => inferSchema(tableOf({ x: Float64Array.of(1, 1), y: ['a', 'a'] })),
    'input',
    'no column is left',
  );
  await expectFailure(
    t,
    () => inferSchema(tableOf({ x: Float64Array.of(1, 2) }), { drop: ['x'] }),
    'input',
    'no column',
  );
});

test('infinite values are named by column and row, unless their column is dropped', async (t) => {
  const table = tableOf({
    x: normal.map((value, i) => (i === 41 ? Number.NEGATIVE_INFINITY : value)),
    letters,
  });
  await expectFailure(
    t,
    () => inferSchema(table),
    'input',
    'memory, column x, row 42',
    '-Infinity',
    '--drop x',
  );
  t.notThrows(() => inferSchema(table, { drop: ['x'] }));
});

test('numbers whose spread float32 cannot hold are refused with the mend; others are not', async (t) => {
  const scaled = (factor: number): Table => tableOf({ x: normal.map((value) => value * factor) });
  for (const factor of [1e300, 1e-300]) {
    await expectFailure(t, () => inferSchema(scaled(factor)), 'input', 'column x', 'float32', 'another unit');
  }
  for (const factor of [1e12, 1e-12]) t.notThrows(() => inferSchema(scaled(factor)));
});

test('a column of a nested type is refused unless it is dropped', async (t) => {
  const table = await readTable({ sql: 'select i, [i] as list from range(50) t(i)' });
  await expectFailure(t, () => inferSchema(table), 'input', 'sql, column list', '--drop list', '--sql');
  t.deepEqual(
    inferSchema(table, { drop: ['list'] }).schema.columns.map(({ name }) => name),
    ['i'],
  );
});

test('kinds that are asked for', async (t) => {
  const table: Table = tableOf({ x: normal.map((value) => Math.round(value)), letters, normal });
  const kindOf = (kind: ColumnSchema['kind'], name = 'x'): ColumnSchema =>
    inferSchema(table, { columns: { [name]: kind } }).schema.columns.find(
      (column) => column.name === name,
    ) as ColumnSchema;
  for (const kind of ['continuous', 'integer', 'categorical', 'ordinal'] as const)
    t.is(kindOf(kind).kind, kind);
  t.is(kindOf('continuous').step, 1);
  t.is(typeof kindOf('id').dropped, 'string');
  await expectFailure(
    t,
    () => kindOf('continuous', 'letters'),
    'input',
    'memory, column letters, row 1',
    '"a"',
  );
  const fraction = normal.findIndex((value) => !Number.isInteger(value)) + 1;
  await expectFailure(t, () => kindOf('integer', 'normal'), 'input', `row ${fraction}`);
  await expectFailure(t, () => kindOf('datetime', 'letters'), 'input', 'row 1', 'datetime');
  await expectFailure(t, () => kindOf('boolean', 'letters'), 'input', 'row 3', 'third value');
});

test('text that holds one word among numbers is refused as numbers with the row of that word', async (t) => {
  const table = await readText(t, 'x,y\n1,a\n2,b\noops,c\n4,d\n');
  await expectFailure(
    t,
    () => inferSchema(table, { columns: { x: 'continuous' } }),
    'input',
    'column x, row 3',
    '"oops"',
  );
});

test('names that do not exist are met with those that do', async (t) => {
  const table = tableOf({ bill_length: normal, letters });
  await expectFailure(
    t,
    () => inferSchema(table, { columns: { bill_lenght: 'integer' } }),
    'usage',
    'bill_lenght',
    'did you mean bill_length',
  );
  await expectFailure(t, () => inferSchema(table, { drop: ['zzzzzz'] }), 'usage', 'bill_length, letters');
});

test('a schema survives JSON; one that is damaged is refused', async (t) => {
  const path = publicData(t, 'tabular/penguins.csv');
  const table = path === null ? tableOf({ normal, letters, uniform }) : await readTable(path);
  const { schema } = inferSchema(table);
  const json = (): { version: number; columns: Record<string, unknown>[] } =>
    JSON.parse(JSON.stringify(schema));
  t.deepEqual(parseSchema(json()), schema);
  const breakages: ((broken: ReturnType<typeof json>) => void)[] = [
    (broken) => {
      broken.version = 2;
    },
    (broken) => {
      delete broken.columns[0]?.name;
    },
    (broken) => {
      broken.columns.push({ ...broken.columns[0] });
    },
    ...['kind', 'type', 'missing'].map((key) => (broken: ReturnType<typeof json>) => {
      for (const column of broken.columns) column[key] = 'nonsense';
    }),
    ...['levels', 'step', 'minimum', 'lower'].map((key) => (broken: ReturnType<typeof json>) => {
      for (const column of broken.columns) if (key in column) column[key] = 'nonsense';
    }),
  ];
  for (const breakIt of breakages) {
    const broken = json();
    breakIt(broken);
    await expectFailure(t, () => parseSchema(broken), 'damaged', 'schema');
  }
  for (const nonsense of [null, 3, 'x', [], {}, { version: 1, columns: [null] }]) {
    await expectFailure(t, () => parseSchema(nonsense), 'damaged', 'schema');
  }
});

test('the description has a line for each column, aligned', (t) => {
  const text = describeSchema(inferSchema(tableOf({ normal, letters, uniform })).schema);
  const lines = text.split('\n');
  t.is(lines.length, 4);
  const start = lines[0]?.indexOf('kind') ?? 0;
  t.true(lines.every((line) => line[start - 1] === ' ' && line[start] !== ' '));
});

test('public tables are understood', async (t) => {
  const kinds = async (name: string): Promise<string | null> => {
    const path = publicData(t, `tabular/${name}`);
    if (path === null) return null;
    const { schema } = inferSchema(await readTable(path));
    return schema.columns
      .map(({ kind, atoms }) => (atoms === undefined ? kind[0] : `${kind[0]}(${atoms})`))
      .join(' ');
  };
  const known: [string, string][] = [
    ['penguins.csv', 'c c c c i i c o'],
    ['abalone.csv.gz', 'c c c c c c c c i'],
    ['banknote.csv.gz', 'c c c c o'],
    ['winequality-red.csv', 'c c c c c c c c c c c o'],
    ['california_housing.csv.gz', 'c c i(52) i i i i c i(500001) c'],
    ['adult.data.gz', 'i c i c o c c c c c i(0) i(0) i(40,45,50) c c'],
  ];
  for (const [name, expected] of known) {
    const found = await kinds(name);
    if (found !== null) t.is(found, expected, name);
  }
});
