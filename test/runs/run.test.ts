import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { Table } from '../../src/data/types.js';
import {
  type FitEvent,
  fitTable,
  loadOnnx,
  PushforwardError,
  readTable,
  type TableRun,
} from '../../src/index.js';
import {
  checkDrawn,
  checkRefused,
  checkShares,
  checkValues,
  columnsOf,
  folder,
  loadTable,
  penguins,
} from './tableRun.js';

const out = join(folder, 'run');
const events: FitEvent[] = [];
let run: TableRun;

test.before(async () => {
  run = await fitTable(penguins, { out, epochs: 12, seed: 3, onEvent: (event) => void events.push(event) });
});

const column = (table: Table, name: string): Table['columns'][number] => {
  const found = table.columns.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
};

test('a short fit already beats both baselines on held-out rows', (t) => {
  const { baselines, split, onnx } = run.report;
  const logLikelihood = run.report.logLikelihood ?? Number.NaN;
  t.is(split.train + split.validation + split.test, 344);
  t.true(logLikelihood > baselines.gaussian);
  t.true(logLikelihood > baselines.independent + 1);
  t.true(onnx.maxRelativeError <= 1e-4);
});

test('the run folder holds what the design says, and nothing half-written', async (t) => {
  const files = await readdir(out);
  t.deepEqual(files.sort(), [
    'MODEL_CARD.md',
    'checkpoints',
    'config.json',
    'density.onnx',
    'generator.onnx',
    'metrics.jsonl',
    'model.safetensors',
    'report.json',
    'schema.json',
  ]);
  const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  t.deepEqual(
    lines.map((line) => (JSON.parse(line) as { epoch: number }).epoch),
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
});

test('progress is told: the table, the start, every step, every epoch', (t) => {
  const kinds = events.map(({ kind }) => kind);
  t.is(kinds[0], 'table');
  t.is(kinds.filter((kind) => kind === 'epoch').length, 12);
  const steps = events.filter((event) => event.kind === 'step');
  t.is(steps.at(-1)?.done, steps.at(-1)?.total);
});

test('a loaded run samples and scores as the fitted one, to the bit', async (t) => {
  const loaded = await loadTable(out);
  t.deepEqual(await loaded.sample(20, { seed: 5 }), await run.sample(20, { seed: 5 }));
  t.deepEqual((await loaded.score(penguins)).logProb, (await run.score(penguins)).logProb);
  t.deepEqual(
    { ...(await loaded.evaluate(penguins)), seconds: 0 },
    { ...(await run.evaluate(penguins)), seconds: 0 },
  );
});

test('samples keep types, levels, ranges, whole numbers and the shares of missing values', async (t) => {
  const [sample, original] = [await run.sample(4000), await readTable(penguins)];
  checkValues(t, sample, original);
  checkShares(t, sample, original);
});

test('the same seed gives the same rows whatever the number asked for; another seed does not', async (t) => {
  const ten = await run.sample(10, { seed: 1 });
  const hundred = await run.sample(100, { seed: 1 });
  const other = await run.sample(10, { seed: 2 });
  const mass = (table: Table): number[] => Array.from(column(table, 'body_mass_g').values as Float64Array);
  t.deepEqual(mass(ten), mass(hundred).slice(0, 10));
  t.notDeepEqual(mass(ten), mass(other));
});

test('zero temperature gives one row again and again', async (t) => {
  const { columns } = await run.sample(5, { temperature: 0 });
  for (const { name, values } of columns)
    t.is(new Set(Array.from(values as ArrayLike<unknown>)).size, 1, name);
});

test('generator.onnx draws the rows of run.sample, density.onnx scores as run.score', async (t) => {
  const generator = await loadOnnx(join(out, 'generator.onnx'));
  const density = await loadOnnx(join(out, 'density.onnx'));
  const sample = await run.sample(200, { seed: 4 });
  checkDrawn(t, await generator.sample(200, { seed: 4 }), sample);
  const { logProb, table } = await run.score(penguins);
  const scores = await density.score(columnsOf(table));
  t.true(scores.every((score, row) => Math.abs(score - (logProb[row] as number)) < 1e-3));
  await Promise.all([generator.close(), density.close()]);
});

test('a level that the fit never saw has probability 0, in Node and in ONNX; the row stays', async (t) => {
  const original = await readTable(penguins);
  const strange: Table = {
    ...original,
    columns: original.columns.map((old) =>
      old.name === 'species' && old.type === 'string'
        ? { ...old, values: old.values.map((value, row) => (row === 7 ? 'Emperor' : value)) }
        : old,
    ),
  };
  const { logProb, unseen } = await run.score(strange);
  t.is(logProb[7], Number.NEGATIVE_INFINITY);
  t.deepEqual(
    [...unseen].flatMap((flag, row) => (flag ? [row] : [])),
    [7],
  );
  t.is(logProb.filter((value) => !Number.isFinite(value)).length, 1);
  const evaluation = await run.evaluate(strange);
  t.is(evaluation.unseenRows, 1);
  t.true(Number.isFinite(evaluation.logLikelihood));
  const density = await loadOnnx(join(out, 'density.onnx'));
  const scores = await density.score(columnsOf(strange));
  t.is(scores[7], Number.NEGATIVE_INFINITY);
  await density.close();
});

test('a folder with a run is not overwritten unawares, and one with other files never', async (t) => {
  const before = await readFile(join(out, 'report.json'), 'utf8');
  const error = await t.throwsAsync(fitTable(penguins, { out }), { instanceOf: PushforwardError });
  t.is(error?.code, 'usage');
  await t.throwsAsync(fitTable(penguins, { out: folder, overwrite: true }), { message: /holds no run/ });
  const foreign = join(folder, 'foreign');
  await mkdir(foreign);
  await writeFile(join(foreign, 'config.json'), '{"version": 1, "theme": "dark"}');
  await t.throwsAsync(fitTable(penguins, { out: foreign, overwrite: true }), { message: /holds no run/ });
  t.deepEqual(await readdir(foreign), ['config.json']);
  t.is(await readFile(join(out, 'report.json'), 'utf8'), before);
});

test('options that make no sense are refused before anything is written', async (t) => {
  const bad = [
    { epochs: 0 },
    { seed: -1 },
    { validation: 0.6, test: 0.6 },
    { validation: 0 },
    { test: 0 },
    { learningRate: Number.NaN },
    { batchSize: 1.5 },
  ];
  for (const options of bad) await checkRefused(t, options, /; give /);
});
