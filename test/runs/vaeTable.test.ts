import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { type FitEvent, fitTable, loadOnnx, readTable, type TableRun } from '../../src/index.js';
import {
  checkDrawn,
  checkRefused,
  checkResume,
  checkShares,
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
  const onEvent = (event: FitEvent): void => void events.push(event);
  run = await fitTable(penguins, { out, model: { name: 'vae', hidden: [64] }, epochs: 60, seed: 3, onEvent });
});

test('a VAE of penguins beats both baselines on held-out rows, and says that its density is estimated', (t) => {
  const { model, logLikelihood, baselines, latentSamples, onnx } = run.report;
  t.is(model, 'vae');
  t.true((logLikelihood ?? Number.NaN) > baselines.independent + 1);
  t.true((logLikelihood ?? Number.NaN) > baselines.gaussian);
  t.is(latentSamples, 256);
  t.true(onnx.maxRelativeError <= 1e-4);
  t.deepEqual(run.model, { name: 'vae', latent: 4, hidden: [64] });
});

test('its sample is held against the held-out rows', (t) => {
  const { samples } = run.report;
  t.is(samples?.rows, 17);
  t.true((samples?.model.coverage ?? 0) > 0.5 && (samples?.real.coverage ?? 0) > 0.5);
});

test('the folder has its files, the card its name, and the metrics what it uses of its code', async (t) => {
  const files = await readdir(out);
  for (const name of ['encoder.onnx', 'decoder.onnx', 'generator.onnx']) t.true(files.includes(name), name);
  t.false(files.includes('density.onnx'), 'an estimate is no graph');
  const card = await readFile(join(out, 'MODEL_CARD.md'), 'utf8');
  t.regex(card, /vae of 4 latents, hidden 64/);
  for (const name of run.report.files) t.true(files.includes(name.split('/')[0] as string), name);
  const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  t.is(lines.length, 60);
  const { measures } = (
    JSON.parse(lines.at(-1) as string) as { factors: { rows: { measures: Record<string, unknown> } } }
  ).factors.rows;
  t.deepEqual(Object.keys(measures).sort(), ['activeUnits', 'kl', 'klPerDimension', 'reconstruction']);
  const last = events.findLast((event) => event.kind === 'epoch');
  t.deepEqual(Object.keys(last?.figures ?? {}), ['train', 'validation', 'kl', 'active units']);
});

test('a loaded run samples, scores and evaluates as the fitted one, to the bit', async (t) => {
  const loaded = await loadTable(out);
  t.deepEqual(loaded.model, run.model);
  t.deepEqual(await loaded.sample(20, { seed: 5 }), await run.sample(20, { seed: 5 }));
  t.deepEqual((await loaded.score(penguins)).logProb, (await run.score(penguins)).logProb);
  const without = async (of: TableRun): Promise<object> => ({ ...(await of.evaluate(penguins)), seconds: 0 });
  t.deepEqual(await without(loaded), await without(run));
});

test('samples keep levels, ranges and the shares of gaps', async (t) => {
  const [sample, original] = [await run.sample(3000), await readTable(penguins)];
  checkValues(t, sample, original);
  checkShares(t, sample, original);
});

test('ONNX: the generator draws the rows of the model, the decoder gives rows back from the codes of the encoder', async (t) => {
  const [generator, encoder, decoder] = await Promise.all(
    ['generator', 'encoder', 'decoder'].map((name) => loadOnnx(join(out, `${name}.onnx`))),
  );
  const sample = await run.sample(200, { seed: 4 });
  checkDrawn(t, await generator?.sample(200, { seed: 4 }), sample);
  const table = await readTable(penguins);
  const columns = columnsOf(table);
  const codes = await encoder?.encode(columns);
  t.is(codes?.mean.length, 4 * table.rows);
  const back = await decoder?.decode(codes?.mean ?? new Float32Array());
  const species = table.columns.find(({ name }) => name === 'species')?.values as readonly string[];
  const kept = species.filter((value, row) => back?.species?.[row] === value).length;
  t.true(kept > 0.9 * table.rows, `${kept} species of ${table.rows}`);
  const strange = await encoder?.encode({ ...columns, species: species.map(() => 'Emperor') });
  t.true(strange?.mean.every(Number.isNaN), 'a level never seen has no code');
  await t.throwsAsync(async () => decoder?.sample(1), { message: /a decoder.*generator.onnx/ });
  await Promise.all([generator, encoder, decoder].map((model) => model?.close()));
});

test('a fit that was stopped and resumed ends on the bits of one that was not', (t) =>
  checkResume(
    t,
    { sql: `select body_mass_g, sex from '${penguins}'` },
    { model: { name: 'vae', latent: 2, hidden: [8] }, epochs: 6, seed: 2 },
    4,
  ));

test('tables of numbers alone, and of categories alone', async (t) => {
  for (const columns of ['bill_length_mm, bill_depth_mm', 'species, sex']) {
    const source = { sql: `select ${columns} from '${penguins}' where sex is not null` };
    const { report } = await fitTable(source, {
      out: await fresh(),
      model: { name: 'vae', hidden: [8] },
      epochs: 2,
    });
    t.true(Number.isFinite(report.logLikelihood) && report.onnx.maxRelativeError <= 1e-4, columns);
  }
});

const refused: readonly (readonly [model: object, says: RegExp])[] = [
  [{ name: 'vae', layers: 3 }, /vae has no layers; leave it out, or take a model that has: nice/],
  [{ name: 'vae', bins: 3 }, /vae has no bins/],
  [{ name: 'nsf', latent: 3 }, /nsf has no latent; .*: vae/],
  [{ name: 'vae', latent: 0 }, /latent is 0/],
  [{ name: 'vea' }, /no model vea; .*nearest is vae/],
];

for (const [model, says] of refused) {
  test(`refused before anything is written: ${JSON.stringify(model)}`, (t) =>
    checkRefused(t, { model }, says));
}
