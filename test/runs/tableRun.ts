import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import {
  type FitEvent,
  type FitTableOptions,
  fitTable,
  loadRun,
  PushforwardError,
  type SampledColumn,
  type Table,
  type TableRun,
  type TableSource,
} from '../../src/index.js';
import { readSafeTensors } from '../../src/train/safetensors.js';

export const penguins = join(process.cwd(), 'examples', 'penguins.csv');

/** What the tests of one file write, each file in a folder of its own. */
export const folder = await mkdtemp(join(tmpdir(), 'pushforward-'));
export const fresh = (): Promise<string> => mkdtemp(join(folder, 'run-'));

/** The run of a table in a folder. */
export async function loadTable(folder: string): Promise<TableRun> {
  const run = await loadRun(folder);
  if (run.kind !== 'table') throw new Error(`${folder} holds a run of ${run.kind}`);
  return run;
}

/** The values of a table's columns by name, as a graph takes them. */
export function columnsOf({ columns }: Table): Record<string, (string | number | boolean | null)[]> {
  return Object.fromEntries(
    columns.map(({ name, values }) => [name, Array.from<string | number | boolean | null>(values)]),
  );
}

const isGap = (value: unknown): boolean => value === null || Number.isNaN(value);
const there = (values: ArrayLike<unknown>): unknown[] => Array.from(values).filter((value) => !isGap(value));
const decimalsOf = (value: unknown): number => String(value).split('.')[1]?.length ?? 0;

/** Asserts that a sample has the columns of a table, with no numbers beyond its range and step and no other levels. */
export function checkValues(t: ExecutionContext, sample: Table, original: Table): void {
  const heading = ({ columns }: Table) => columns.map(({ name, type }) => [name, type]);
  t.deepEqual(heading(sample), heading(original));
  const known = columnsOf(original);
  for (const { name, type, values } of sample.columns) {
    const [drawn, real] = [there(values), there(known[name] ?? [])];
    if (type === 'number') {
      const [low, high] = [Math.min(...(real as number[])), Math.max(...(real as number[]))];
      t.true(
        (drawn as number[]).every((value) => value >= low && value <= high),
        name,
      );
      t.true(Math.max(...drawn.map(decimalsOf)) <= Math.max(...real.map(decimalsOf)), `${name}: decimals`);
    } else {
      const levels = new Set(real);
      t.true(
        drawn.every((value) => levels.has(value)),
        name,
      );
    }
  }
}

/** Asserts that a large sample has about a table's shares of gaps, and all of its levels. */
export function checkShares(t: ExecutionContext, sample: Table, original: Table): void {
  const known = columnsOf(original);
  const share = (values: ArrayLike<unknown>): number => 1 - there(values).length / values.length;
  for (const { name, type, values } of sample.columns) {
    const real = known[name] ?? [];
    t.true(
      Math.abs(share(values) - share(real)) < 0.03,
      `${name}: ${share(values)} missing, not ${share(real)}`,
    );
    if (type === 'number') continue;
    t.deepEqual([...new Set(there(values))].sort(), [...new Set(there(real))].sort(), name);
  }
}

/** Asserts that rows which ONNX Runtime drew are a sample's, but for two that may lie on a float32 tie. */
export function checkDrawn(
  t: ExecutionContext,
  drawn: Readonly<Record<string, SampledColumn>> | undefined,
  { columns, rows }: Table,
): void {
  for (const { name, values } of columns) {
    const different = Array.from<unknown>(values).filter(
      (value, row) => !Object.is(value, drawn?.[name]?.[row]),
    );
    t.true(different.length <= 2, `${name}: ${different.length} of ${rows} differ`);
  }
}

/** Asserts that a fit which is stopped in an epoch and resumed ends on the bits of one that is not. */
export async function checkResume(
  t: ExecutionContext,
  source: TableSource,
  options: FitTableOptions,
  epoch: number,
): Promise<void> {
  const [whole, stopped] = [await fresh(), await fresh()];
  await fitTable(source, { ...options, out: whole });
  const controller = new AbortController();
  const onEvent = (event: FitEvent): void => {
    if (event.kind === 'step' && event.epoch === epoch) controller.abort();
  };
  const error = await t.throwsAsync(
    fitTable(source, { ...options, out: stopped, signal: controller.signal, onEvent }),
    { instanceOf: PushforwardError },
  );
  t.is(error?.code, 'aborted');
  // What is not said again comes from the run that is gone on with.
  const { model } = await fitTable(source, { out: stopped, resume: true });
  t.like(model, options.model as object);
  const [a, b] = await Promise.all(
    [whole, stopped].map((path) => readSafeTensors(join(path, 'model.safetensors'))),
  );
  t.deepEqual(b?.tensors, a?.tensors);
}

/** Asserts that a fit of penguins is refused for its options, before anything is written. */
export async function checkRefused(
  t: ExecutionContext,
  options: FitTableOptions,
  says: RegExp,
): Promise<void> {
  const error = await t.throwsAsync(fitTable(penguins, { ...options, out: join(folder, 'never') }), {
    instanceOf: PushforwardError,
  });
  t.is(error?.code, 'usage', JSON.stringify(options));
  t.regex(error?.message ?? '', says);
  t.false((await readdir(folder)).includes('never'));
}
