import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { Table } from '../../src/data/types.js';
import { presetNames } from '../../src/flows/presets/catalogue.js';
import { fitTable, loadOnnx, PushforwardError } from '../../src/index.js';
import { checkRefused, checkResume, columnsOf, fresh, loadTable, penguins } from './tableRun.js';

const small = { sql: `select body_mass_g, flipper_length_mm, sex from '${penguins}'` };

const readJson = async (...path: string[]): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(...path), 'utf8')) as Record<string, unknown>;

for (const name of presetNames) {
  test(`${name} is fitted, saved, named everywhere, loaded to the bit, and reproduced by ONNX Runtime`, async (t) => {
    const out = await fresh();
    const model = { name, layers: 2, hidden: [6, 5] };
    const { report } = await fitTable(penguins, { out, model, epochs: 2, seed: 3 });
    t.is(report.model, name);
    t.true(Number.isFinite(report.logLikelihood));
    t.true(report.onnx.maxRelativeError <= 1e-4);

    const { architecture } = (await readJson(out, 'config.json')) as { architecture: { flow: object } };
    t.like(architecture.flow, model);
    t.true((await readFile(join(out, 'MODEL_CARD.md'), 'utf8')).includes(`${name} of 2 layers, hidden 6-5`));
    const [first] = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).split('\n') as [string];
    t.is((JSON.parse(first) as { model: string }).model, name);
    const density = await loadOnnx(join(out, 'density.onnx'));
    t.is(density.metadata.model, name);

    const [one, two] = await Promise.all([loadTable(out), loadTable(out)]);
    t.like(one.model, model);
    const sample = await one.sample(30, { seed: 5 });
    t.deepEqual(sample, await two.sample(30, { seed: 5 }));
    const { logProb } = await one.score(sample);
    t.deepEqual(logProb, (await two.score(sample)).logProb);
    const scores = await density.score(columnsOf(sample));
    t.true(scores.every((score, row) => Math.abs(score - (logProb[row] as number)) < 2e-3));
    t.is((await one.evaluate(sample)).model, name);
    await density.close();
  });
}

test('a run from before models had names is a realNvp', async (t) => {
  const out = await fresh();
  const model = { name: 'realNvp', layers: 1, hidden: [4] } as const;
  const run = await fitTable(small, { out, model, epochs: 1 });
  const path = join(out, 'config.json');
  const config = (await readJson(path)) as {
    settings: Record<string, unknown>;
    architecture: { flow: Record<string, unknown> };
  };
  delete config.settings.model;
  delete config.architecture.flow.name;
  await writeFile(path, JSON.stringify(config));
  const reportPath = join(out, 'report.json');
  const { model: _, ...report } = await readJson(reportPath);
  await writeFile(reportPath, JSON.stringify(report));
  const old = await loadTable(out);
  t.is(old.report.model, 'realNvp');
  t.deepEqual((await old.score(small)).logProb, (await run.score(small)).logProb);
});

test('a name in config.json that is none means that the file is damaged', async (t) => {
  const out = await fresh();
  await fitTable(small, { out, model: { layers: 1, hidden: [4] }, epochs: 1 });
  const path = join(out, 'config.json');
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll(/"name": "\w+"/g, '"name": "toString"'));
  const error = await t.throwsAsync(loadTable(out), { instanceOf: PushforwardError });
  t.is(error?.code, 'damaged');
});

test('a fit of splines that was stopped and resumed ends on the bits of one that was not', (t) =>
  checkResume(t, small, { model: { name: 'nsf', layers: 2, hidden: [8], bins: 5 }, epochs: 6, seed: 2 }, 4));

test('a table without numbers has no flow, and a model that was asked for is left aside aloud', async (t) => {
  const kinds = Array.from({ length: 80 }, (_, row) => 'abc'[(row * row) % 3] as string);
  const table: Table = {
    rows: 80,
    source: 'kinds',
    columns: [
      { name: 'a', type: 'string', values: kinds },
      { name: 'b', type: 'string', values: kinds.toReversed() },
    ],
  };
  const warnings: string[] = [];
  const run = await fitTable(table, {
    out: await fresh(),
    model: { name: 'maf' },
    epochs: 1,
    onEvent: (event) => event.kind === 'warning' && warnings.push(event.message),
  });
  t.is(run.model, null);
  t.is(run.report.model, null);
  t.true(warnings.some((warning) => /no numbers.*maf/.test(warning)));
  const card = await readFile(join(run.folder, 'MODEL_CARD.md'), 'utf8');
  t.false(card.includes('flow'));
});

const refused: readonly (readonly [model: object, says: RegExp])[] = [
  [{ name: 'nfs' }, /no model nfs; .*nearest is nsf/],
  [{ name: 'maf', bins: 8 }, /maf has no bins; .*nsf/],
  [{ name: 'nsf', bins: 1.5 }, /bins is 1.5/],
  [{ name: 'nsf', bins: 65 }, /bins/],
  [{ layers: 0 }, /layers is 0/],
  [{ hidden: [8, 0] }, /hidden is 0/],
];

for (const [model, says] of refused) {
  test(`a model that cannot be is refused before anything is written: ${JSON.stringify(model)}`, (t) =>
    checkRefused(t, { model }, says));
}
