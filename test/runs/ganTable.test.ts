import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { TableCodec } from '../../src/data/codec.js';
import { ColumnTransforms } from '../../src/data/transforms.js';
import type { Table } from '../../src/data/types.js';
import {
  type FitEvent,
  type FitTableOptions,
  fitTable,
  loadOnnx,
  PushforwardError,
  readTable,
  type TableRun,
  tf,
} from '../../src/index.js';
import { maxRelativeError } from '../../src/onnx/compare.js';
import { overwrite } from '../../src/ops/variableStore.js';
import { GanTable } from '../../src/tables/gan/ganTable.js';
import { readSafeTensors } from '../../src/train/safetensors.js';
import {
  checkDrawn,
  checkRefused,
  checkResume,
  checkValues,
  columnsOf,
  folder,
  fresh,
  loadTable,
  penguins,
} from './tableRun.js';

const out = join(folder, 'run');
const events: FitEvent[] = [];
let run: TableRun;

test.before(async () => {
  const model = { name: 'gan', hidden: [32], latent: 8, pac: 5 } as const;
  const onEvent = (event: FitEvent): void => void events.push(event);
  run = await fitTable(penguins, {
    out,
    model,
    epochs: 60,
    batchSize: 50,
    learningRate: 1e-3,
    seed: 3,
    onEvent,
  });
});

const figuresOf = (event: FitEvent | undefined): Readonly<Record<string, number>> =>
  event?.kind === 'epoch' ? event.figures : {};

test('a GAN of penguins draws rows that come nearer to the held-out ones as it is trained', (t) => {
  const epochs = events.filter((event) => event.kind === 'epoch').map(figuresOf);
  const mean = (of: typeof epochs): number =>
    of.reduce((sum, { energy }) => sum + (energy ?? 0), 0) / of.length;
  t.true(mean(epochs.slice(-5)) < 0.5 * mean(epochs.slice(0, 2)));
  const { model, logLikelihood, standardError, latentSamples, samples, bestEpoch } = run.report;
  t.deepEqual(
    [model, logLikelihood, standardError, latentSamples, bestEpoch],
    ['gan', null, null, null, null],
  );
  t.true((samples?.model.energy ?? 9) < 2.5 && (samples?.model.coverage ?? 0) > 0.2);
  t.deepEqual(run.model, { name: 'gan', latent: 8, hidden: [32], pac: 5 });
});

test('samples have levels, ranges and steps of the schema', async (t) => {
  checkValues(t, await run.sample(1000), await readTable(penguins));
});

test('the folder: weights, both networks, no density; figures of both networks in the metrics', async (t) => {
  const files = await readdir(out);
  for (const name of ['generator.onnx', 'critic.onnx']) {
    t.true(files.includes(name) && run.report.files.includes(name), name);
  }
  for (const name of ['density.onnx', 'encoder.onnx', 'decoder.onnx']) t.false(files.includes(name), name);
  const card = await readFile(join(out, 'MODEL_CARD.md'), 'utf8');
  t.regex(card, /gan of 8 latents, hidden 32, packs of 5/);
  t.regex(card, /`critic.onnx`: takes one tensor a column, \[batch, pac\]/);
  const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  t.is(lines.length, 60);
  const record = JSON.parse(lines.at(-1) as string) as Record<string, number>;
  for (const name of [
    'realScore',
    'fakeScore',
    'criticLoss',
    'generatorLoss',
    'penalty',
    'energy',
    'diversity',
  ]) {
    t.true(Number.isFinite(record[name]), name);
  }
  for (const name of ['criticGradientNorm', 'generatorGradientNorm']) t.true((record[name] ?? 0) > 0, name);
});

test('a density that is asked for is refused in one line', async (t) => {
  const error = await t.throwsAsync(run.score(penguins), { instanceOf: PushforwardError });
  t.is(error?.code, 'usage');
  t.regex(error?.message ?? '', /a gan has no density of rows; .*fit a flow, or a vae/);
  const evaluation = await run.evaluate(penguins);
  t.is(evaluation.logLikelihood, null);
  t.is(evaluation.samples?.rows, 172);
});

test('a loaded run draws the same rows, and so does ONNX Runtime', async (t) => {
  const loaded = await loadTable(out);
  const sample = await run.sample(100, { seed: 5 });
  t.deepEqual(await loaded.sample(100, { seed: 5 }), sample);
  const generator = await loadOnnx(join(out, 'generator.onnx'));
  t.is(generator.metadata.model, 'gan');
  checkDrawn(t, await generator.sample(100, { seed: 5 }), sample);
  await generator.close();
});

/** The GAN that is saved in a run's folder, its parts put together by hand. */
async function savedGanTable(path: string): Promise<{ codec: TableCodec; model: GanTable }> {
  const json = async (name: string) => JSON.parse(await readFile(join(path, name), 'utf8'));
  const { codec, transforms } = await json('schema.json');
  const { architecture } = await json('config.json');
  const model = new GanTable(architecture, ColumnTransforms.fromJSON(transforms));
  const { tensors } = await readSafeTensors(join(path, 'model.safetensors'));
  for (const [name, { variable }] of model.weights) overwrite(variable, tensors.get(name) as Float32Array);
  return { codec: TableCodec.fromJSON(codec), model };
}

/** What the critic's layers say of packs of rows that follow each other. */
function judged({ codec, model }: { codec: TableCodec; model: GanTable }, table: Table): Float32Array {
  const { rows, codes, numbers } = codec.encode(table);
  return tf.tidy(() => {
    const { features } = model.features.of({
      codes: tf.tensor2d(codes, [rows, codec.categoricals.length], 'int32'),
      numbers: tf.tensor2d(numbers, [rows, codec.numerics.length]),
    });
    const { pac } = model.chosen;
    const lines = features.arraySync();
    const packs = Array.from({ length: rows / pac }, (_, i) => lines.slice(i * pac, (i + 1) * pac).flat());
    return (model.gan.critic.model.predict(tf.tensor2d(packs)) as tf.Tensor).dataSync<'float32'>().slice();
  });
}

test('critic.onnx takes packs of rows in their own units, and scores them as the saved critic does', async (t) => {
  const table = await readTable({ sql: `select * from '${penguins}' limit 340` });
  const saved = await savedGanTable(out);
  const expected = judged(saved, table);
  t.is(expected.length, 68);
  const critic = await loadOnnx(join(out, 'critic.onnx'));
  t.is(critic.metadata.pac, 5);
  const columns = columnsOf(table);
  const scores = await critic.judge(columns);
  t.true(maxRelativeError(scores, expected) < 1e-4);

  // The order of the rows of a pack is theirs, and no pack knows of another.
  const species = columns.species as string[];
  const other = await critic.judge({ ...columns, species: species.with(7, 'Gentoo') });
  const strange = await critic.judge({ ...columns, species: species.with(7, 'Emperor') });
  t.notDeepEqual(other[1], scores[1]);
  t.is(strange[1], Number.NaN, 'a level never seen has no score');
  for (const changed of [other, strange]) t.deepEqual(changed.with(1, 0), scores.with(1, 0));

  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const apart = Object.fromEntries(
    Object.entries(columns).map(([name, values], k) => [
      name,
      values.map((_, i) => values[(i + 61 * k) % 340]),
    ]),
  ) as typeof columns;
  t.true(
    mean(scores) > mean(await critic.judge(apart)),
    'columns that do not belong together are less like rows',
  );

  const empty = await critic.judge(
    columnsOf({ ...table, columns: table.columns.map((c) => ({ ...c, values: [] })) as never }),
  );
  t.is(empty.length, 0);
  const few = Object.fromEntries(
    Object.entries(columns).map(([name, values]) => [name, values.slice(0, 12)]),
  );
  const cut = await t.throwsAsync(critic.judge(few), { instanceOf: PushforwardError });
  t.regex(cut?.message ?? '', /12 rows are no whole packs of 5; give 10/);
  await t.throwsAsync(critic.score(columns), {
    message: /a critic, which gives scores of packs.*load density.onnx/,
  });
  await critic.close();
  const bytes = await readFile(join(out, 'critic.onnx'), 'latin1');
  const damaged = join(folder, 'damaged.onnx');
  t.true(bytes.includes('"pac":5'));
  await writeFile(damaged, bytes.replace('"pac":5', '"pac":0'), 'latin1');
  t.is((await t.throwsAsync(loadOnnx(damaged), { instanceOf: PushforwardError }))?.code, 'damaged');
});

test('a fit that was stopped and resumed ends on the bits of one that was not', (t) =>
  checkResume(
    t,
    { sql: `select body_mass_g, sex from '${penguins}'` },
    { model: { name: 'gan', latent: 2, hidden: [8], pac: 2 }, epochs: 5, batchSize: 100, seed: 2 },
    3,
  ));

test('tables of numbers alone, and of categories alone; packs fit few rows', async (t) => {
  for (const columns of ['bill_length_mm, bill_depth_mm', 'species, sex']) {
    const source = { sql: `select ${columns} from '${penguins}' where sex is not null limit 40` };
    const { model, report } = await fitTable(source, {
      out: await fresh(),
      model: { name: 'gan', hidden: [8] },
      epochs: 2,
    });
    t.like(model, { name: 'gan', pac: 8 });
    t.true(report.onnx.maxRelativeError <= 1e-4, columns);
  }
});

const refused: readonly (readonly [options: FitTableOptions, says: RegExp])[] = [
  [
    { model: { name: 'gan' }, batchSize: 64 },
    /64 rows is no whole number of packs of 10; give a batch of 60 or 70/,
  ],
  [{ model: { name: 'gan' }, batchSize: 500 }, /276 rows are fewer than a batch of 500; give/],
  [{ model: { name: 'gan', pac: 300 } }, /276 rows are fewer than a batch of 300/],
  [{ model: { name: 'gan' }, patience: 3 }, /no patience; leave it out/],
  [{ model: { name: 'gan', pac: 0 } }, /pac is 0/],
  [
    { model: { name: 'vae', pac: 2 } as never },
    /vae has no pac; leave it out, or take a model that has: gan/,
  ],
];

for (const [options, says] of refused) {
  test(`refused before anything is written: ${JSON.stringify(options)}`, (t) =>
    checkRefused(t, options, says));
}
