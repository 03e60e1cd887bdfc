import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type ErrorCode, PushforwardError } from '../../src/errors.js';
import { maxRelativeError } from '../../src/onnx/compare.js';
import { GraphBuilder } from '../../src/onnx/graph.js';
import { loadOnnx, type RawValue } from '../../src/onnx/load.js';
import { type OnnxMetadata, tensorName, writeMetadata } from '../../src/onnx/metadata.js';
import { Random, streamOf } from '../../src/random.js';
import { DOUBLE, density, FLOAT, generator, metadata } from './fixtures.js';

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pushforward-load-'));
  await writeFile(join(folder, 'generator.onnx'), generator());
  await writeFile(join(folder, 'density.onnx'), density());
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

const open = (name: string) => loadOnnx(join(folder, name));

test('a generator gives the rows of its seed, in the types of its columns', async (t) => {
  const model = await open('generator.onnx');
  t.deepEqual(model.metadata, metadata);
  const n = 5000;
  const rows = await model.sample(n, { seed: 3 });
  const z = new Random(3, streamOf('sample')).normal(new Float32Array(2 * n));
  const z0 = Array.from({ length: n }, (_, i) => z[2 * i] as number);
  const z1 = Array.from({ length: n }, (_, i) => Math.round(z[2 * i + 1] as number));
  t.deepEqual(
    rows.label,
    z0.map((value) => (value > 0 ? 'p' : null)),
  );
  t.deepEqual(
    rows.x,
    Float64Array.from(z0, (value) => (value < -1 ? Number.NaN : value)),
  );
  t.is(maxRelativeError(rows.count as Float64Array, z1), 0);
  t.is(
    maxRelativeError(
      rows.when as Float64Array,
      z1.map((value) => -value),
    ),
    0,
  );
  t.deepEqual(
    rows.yes,
    z1.map((value) => value > 0),
  );
  const few = await model.sample(10, { seed: 3 });
  t.deepEqual(few.x, (rows.x as Float64Array).slice(0, 10));
  const cold = await model.sample(10, { seed: 3, temperature: 0 });
  t.is(maxRelativeError(cold.x as Float64Array, new Float64Array(10)), 0);
  t.deepEqual(await model.sample(0), {
    label: [],
    x: new Float64Array(0),
    count: new Float64Array(0),
    when: new Float64Array(0),
    yes: [],
  });
  await model.close();
});

const columns: Record<string, ArrayLike<RawValue>> = {
  label: ['p', '', null, 'never seen'],
  x: [1.5, null, Number.NaN, undefined],
  count: [1, 2n, -3, 4],
  when: [new Date(2000), 5000, 0n, new Date(0)],
  yes: [true, false, 0, 1],
  other: ['passed', 'over', '', ''],
};
const scores = [0.5 + 1.5 + 1 + 2 + 100, 0.25 + 10 + 2 + 5, 0.25 + 10 - 3, -Infinity];

test('a density scores raw rows', async (t) => {
  const model = await open('density.onnx');
  t.is(maxRelativeError(await model.score(columns), scores), 0);
  t.is((await model.score({ label: [], x: [], count: [], when: [], yes: [] })).length, 0);
  // A period of 5, which no number of rows of one run is a multiple of.
  const pick = (row: number) => (row % 5) % 4;
  const many = Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [
      name,
      Array.from({ length: 10_000 }, (_, i) => values[pick(i)]),
    ]),
  );
  t.is(
    maxRelativeError(
      await model.score(many),
      Array.from({ length: 10_000 }, (_, i) => scores[pick(i)] as number),
    ),
    0,
  );
  const typed = await model.score({
    label: ['p'],
    x: Float64Array.of(1),
    count: BigInt64Array.of(1n),
    when: Int32Array.of(0),
    yes: Uint8Array.of(0),
  });
  t.is(typed[0], 2.5);
  await model.close();
});

test('wrong columns are errors that name column and row', async (t) => {
  const model = await open('density.onnx');
  const { label: _, ...short } = columns;
  const wrong = [
    [short, /density.onnx: the column "label" is missing/],
    [{ ...columns, x: [1] }, /the column "x" has 1 rows and others 4/],
    [{ ...columns, label: ['p', 5, '', ''] }, /column "label", row 2: 5 is not a text/],
    [{ ...columns, x: [1, 2, 3, 'four'] }, /column "x", row 4: "four" is not a number/],
    [{ ...columns, x: [new Date(), 2, 3, 4] }, /column "x", row 1: a date is not a number/],
    [{ ...columns, count: [1, 2.5, 3, 4] }, /column "count", row 2: 2.5 is not a whole number/],
    [{ ...columns, count: [1, 2, null, 4] }, /column "count", row 3: null is not a whole number/],
    [{ ...columns, when: [1, 2, 3, '2020-01-01'] }, /column "when", row 4/],
    [{ ...columns, yes: [true, false, 'no', true] }, /column "yes", row 3: "no" is not true or false/],
  ] as const;
  for (const [given, message] of wrong) {
    await t.throwsAsync(model.score(given), { instanceOf: PushforwardError, code: 'input', message });
  }
  await model.close();
});

test('the other role and senseless numbers are refused', async (t) => {
  const [first, second] = [await open('generator.onnx'), await open('density.onnx')];
  const unsupported = { instanceOf: PushforwardError, code: 'unsupported' };
  await t.throwsAsync(first.score(columns), { ...unsupported, message: /generator.*density.onnx/ });
  await t.throwsAsync(second.sample(1), { ...unsupported, message: /density.*generator.onnx/ });
  for (const [rows, options] of [
    [-1, {}],
    [1.5, {}],
    [1, { seed: -1 }],
    [1, { seed: 0.5 }],
    [1, { temperature: -1 }],
    [1, { temperature: Number.NaN }],
  ] as const) {
    await t.throwsAsync(first.sample(rows, options), { instanceOf: PushforwardError, code: 'usage' });
  }
  await Promise.all([first.close(), second.close()]);
  await t.throwsAsync(first.sample(1), { instanceOf: PushforwardError, code: 'usage', message: /closed/ });
});

test('columns may have the names of z and log_prob', async (t) => {
  const names = ['z', 'log_prob'];
  const write = async (role: OnnxMetadata['role'], fill: (builder: GraphBuilder) => void) => {
    const builder = new GraphBuilder('test');
    fill(builder);
    const columnsOf = names.map((name) => ({ name, type: 'float64' }) as const);
    writeMetadata(builder, { ...metadata, role, latent: 1, columns: columnsOf });
    await writeFile(join(folder, `names ${role}.onnx`), builder.finish());
    return open(`names ${role}.onnx`);
  };
  const first = await write('generator', (builder) => {
    const z = builder.input('z', 'float32', ['batch', 1]);
    const flat = builder.node('Reshape', [z, builder.initializer('int64', [1], BigInt64Array.of(-1n))]);
    const value = builder.node('Cast', [flat], { to: DOUBLE });
    for (const name of names) builder.output(value, tensorName('generator', name), 'float64', ['batch']);
  });
  const rows = await first.sample(3);
  t.deepEqual(Object.keys(rows), names);
  t.deepEqual(rows.z, rows.log_prob);
  const second = await write('density', (builder) => {
    const inputs = names.map((name) => builder.input(tensorName('density', name), 'float64', ['batch']));
    builder.output(
      builder.node('Cast', [builder.node('Sub', inputs)], { to: FLOAT }),
      'log_prob',
      'float32',
      ['batch'],
    );
  });
  t.deepEqual(await second.score({ z: [5, 6], log_prob: [1, 4] }), Float32Array.of(4, 2));
  await Promise.all([first.close(), second.close()]);
});

test('files of others, of later versions and damaged ones are told apart', async (t) => {
  const foreign = new GraphBuilder('test');
  foreign.output(foreign.input('x', 'float32', []), 'y', 'float32', []);
  const broken = new GraphBuilder('test');
  broken.output(broken.input('x', 'float32', []), 'y', 'float32', []);
  broken.metadata('pushforward', '{"version": 1, ');
  const files: readonly (readonly [string, Uint8Array, ErrorCode])[] = [
    ['foreign', foreign.finish(), 'input'],
    ['later', generator({ version: 2 as unknown as 1 }), 'unsupported'],
    ['broken', broken.finish(), 'damaged'],
    ['role', generator({ role: 'judge' as unknown as 'density' }), 'damaged'],
    ['columns', generator({ columns: metadata.columns.slice(1) }), 'damaged'],
    [
      'types',
      generator({ columns: metadata.columns.map((column) => ({ ...column, type: 'float64' })) }),
      'damaged',
    ],
    ['part', generator().slice(0, 300), 'damaged'],
  ];
  for (const [name, bytes, code] of files) {
    const path = join(folder, `${name}.onnx`);
    await writeFile(path, bytes);
    const error = await t.throwsAsync(loadOnnx(path), { instanceOf: PushforwardError });
    t.is((error as PushforwardError).code, code, name);
    t.true(error?.message.startsWith(`${path}: `), error?.message);
  }
});
