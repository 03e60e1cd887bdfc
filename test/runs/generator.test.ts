import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Table } from '../../src/data/types.js';
import { fitTable, loadOnnx } from '../../src/index.js';
import { Random } from '../../src/random.js';

const rows = 200;
const z = new Random(4, 4).normal(new Float32Array(2 * rows));
const table: Table = {
  rows,
  source: 'made up',
  columns: [
    {
      name: 'price',
      type: 'number',
      values: Float64Array.from({ length: rows }, (_, i) => Math.round(30 + 9 * (z[i] as number)) / 20),
    },
    {
      name: 'weight',
      type: 'number',
      values: Float64Array.from({ length: rows }, (_, i) => 1 / 3 + (z[rows + i] as number)),
    },
    { name: 'nothing', type: 'number', values: new Float64Array(rows).fill(Number.NaN) },
    { name: 'no words', type: 'string', values: new Array<null>(rows).fill(null) },
    { name: 'never', type: 'boolean', values: new Array<null>(rows).fill(null) },
    { name: 'always', type: 'string', values: new Array<string>(rows).fill('yes') },
  ],
};

test('generator.onnx gives the columns of run.sample, empty and constant ones too, and its decimals', async (t) => {
  const out = join(await mkdtemp(join(tmpdir(), 'pushforward-')), 'run');
  const run = await fitTable(table, { out, epochs: 1, model: { layers: 1, hidden: [4] } });
  const sample = await run.sample(50, { seed: 2 });
  const generator = await loadOnnx(join(out, 'generator.onnx'));
  const drawn = await generator.sample(50, { seed: 2 });
  t.deepEqual(
    Object.keys(drawn),
    table.columns.map(({ name }) => name),
  );
  const valuesOf = (name: string) => sample.columns.find((column) => column.name === name)?.values;
  for (const name of ['price', 'nothing', 'no words', 'always'])
    t.deepEqual(drawn[name], valuesOf(name), name);
  // A column with gaps is of numbers in ONNX.
  t.deepEqual(drawn.never, new Float64Array(50).fill(Number.NaN));
  (drawn.weight as Float64Array).forEach((value, row) => {
    t.true(Math.abs(value - (valuesOf('weight')?.[row] as number)) < 1e-5);
    t.true(String(value).length < 12, `${value} has no decimals that float32 cannot keep`);
  });
  await generator.close();
});
