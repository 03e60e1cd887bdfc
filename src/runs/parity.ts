import type { TableCodec } from '../data/codec.js';
import type { ColumnSchema, Table, TableColumn } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import { decodeColumn, encodeColumn, type SampledColumn } from '../onnx/columns.js';
import { maxRelativeError } from '../onnx/compare.js';
import { type OnnxMetadata, tensorName } from '../onnx/metadata.js';
import { OnnxRunner, type RunTensors } from '../onnx/session.js';
import {
  drawLatent,
  type TableBatch,
  type TableCoder,
  type TableCritic,
  type TableModel,
} from '../tables/model.js';
import { columnElement } from '../tables/onnx/columnType.js';
import { tf } from '../tf.js';
import { drawTable } from './drawTable.js';
import { scoreRows } from './evaluate.js';
import type { ExportReport } from './types.js';

/** Rows that both runtimes compute. */
const ROWS = 512;
/** Greatest relative difference of two runtimes that agree in float32. */
const TOLERANCE = 1e-4;
/** Greatest share of values that may fall on the other side of a tie: a uniform within rounding of a
 * conditional probability, or a number in the middle between two steps. */
const MOST_TIES = 0.005;
/** A seed that no default draws from, so that the rows compared are not those a user looks at first. */
const SEED = 20_240_229;

type Parity = ExportReport['onnx'];

/** The ONNX files of a table's model by their roles, as bytes. */
export type TableFiles = { readonly generator: Uint8Array } & {
  readonly [Role in Exclude<OnnxMetadata['role'], 'generator'>]?: Uint8Array;
};

/**
 * Runs the files in ONNX Runtime and holds them against the model.
 * @throws PushforwardError `disagreement` with the first column, or other output, that differs by more
 * than 1e-4 relative to its size, or to its column's range.
 */
export async function checkParity(
  { codec, model }: { codec: TableCodec; model: TableModel },
  files: TableFiles,
): Promise<Parity> {
  const { latentDim, density, coder, critic } = model;
  const rows = async (
    role: 'generator' | 'decoder',
    bytes: Uint8Array,
    width: number,
    of: typeof model.push,
  ) => {
    const z = drawLatent(width, ROWS, { seed: SEED });
    const expected = drawnTable(codec, () => of(tf.tensor2d(z, [ROWS, width])));
    const actual = await runOnce(bytes, { z: { type: 'float32', dims: [ROWS, width], data: z } });
    return { table: expected, ...compareTables(codec, role, expected, actual) };
  };
  const { table, error, ties } = await rows('generator', files.generator, latentDim, (z) => model.push(z));
  const errors = [error];
  if (files.density !== undefined && density !== null) {
    const scored = await runOnce(files.density, feedsOf(codec, 'density', table));
    const logProb = await scoreRows(density, codec, codec.encode(table));
    errors.push(compareNumbers('density', scored, { log_prob: Float32Array.from(logProb) }));
  }
  if (files.encoder !== undefined && coder !== null) {
    const encoded = await runOnce(files.encoder, feedsOf(codec, 'encoder', table));
    errors.push(compareNumbers('encoder', encoded, codesOf(coder, codec, table)));
  }
  if (files.decoder !== undefined && coder !== null) {
    errors.push((await rows('decoder', files.decoder, coder.codeDim, (z) => coder.decode(z))).error);
  }
  if (files.critic !== undefined && critic !== null) {
    const packs = Math.max(1, Math.floor(ROWS / critic.pac));
    const judged = drawTable(model, codec, packs * critic.pac, { seed: SEED, temperature: 1 });
    const actual = await runOnce(files.critic, feedsOf(codec, 'critic', judged, critic.pac));
    errors.push(compareNumbers('critic', actual, { score: scoresOf(critic, codec, judged) }));
  }
  return { maxRelativeError: Math.max(...errors), ties, rows: ROWS };
}

/** What the critic says of packs of rows that follow each other. */
function scoresOf(critic: TableCritic, codec: TableCodec, table: Table): Float32Array {
  const { pac, width } = critic;
  return tf.tidy(() => {
    const features = critic.features(batchOf(codec, table));
    return critic
      .judge(tf.reshape(features, [table.rows / pac, pac * width]))
      .dataSync<'float32'>()
      .slice();
  });
}

/** Rows of a table as the model takes them. */
function batchOf(codec: TableCodec, table: Table): TableBatch {
  const { rows, codes, numbers } = codec.encode(table);
  return {
    codes: tf.tensor2d(codes, [rows, codec.categoricals.length], 'int32'),
    numbers: tf.tensor2d(numbers, [rows, codec.numerics.length]),
  };
}

function codesOf(coder: TableCoder, codec: TableCodec, table: Table): Record<string, Float32Array> {
  const expected: Record<string, Float32Array> = {};
  tf.tidy(() => {
    const { mean, logVariance } = coder.encode(batchOf(codec, table));
    expected.mean = Float32Array.from(mean.dataSync());
    expected.log_variance = Float32Array.from(logVariance.dataSync());
  });
  return expected;
}

/** The greatest relative error of the outputs that are no columns. */
function compareNumbers(
  role: OnnxMetadata['role'],
  actual: RunTensors,
  expected: Readonly<Record<string, Float32Array>>,
): number {
  const errors = Object.entries(expected).map(([name, values]) => {
    const error = maxRelativeError(actual[name]?.data as Float32Array, values);
    refuseBeyondTolerance(`${role}.onnx, ${name}`, error);
    return error;
  });
  return Math.max(...errors);
}

/** Rows that a model makes, in the table's own units. */
function drawnTable(codec: TableCodec, push: () => TableBatch): Table {
  let table: Table | undefined;
  tf.tidy(() => {
    const { codes, numbers } = push();
    table = codec.decode(codes.dataSync(), numbers.dataSync(), ROWS);
  });
  return table as Table;
}

async function runOnce(bytes: Uint8Array, feeds: RunTensors): Promise<RunTensors> {
  const runner = await OnnxRunner.open(bytes, { threads: 2 });
  try {
    return await runner.run(feeds);
  } finally {
    await runner.close();
  }
}

/** The columns of a table as a file takes them, in packs where it wants such. */
function feedsOf(
  codec: TableCodec,
  role: OnnxMetadata['role'],
  table: Table,
  pac: number | null = null,
): RunTensors {
  const used = new Set([...codec.categoricals, ...codec.numerics].map(({ column }) => column));
  const feeds: Record<string, RunTensors[string]> = {};
  codec.schema.columns.forEach((column, index) => {
    const values = table.columns.find(({ name }) => name === column.name)?.values;
    if (!used.has(index) || values === undefined) return;
    feeds[tensorName(role, column.name)] = encodeColumn(
      { name: column.name, type: columnElement(column) },
      values,
      0,
      table.rows,
      pac,
    );
  });
  return feeds;
}

/** Greatest relative error over the columns, and the share of values that differ by a tie. */
function compareTables(
  codec: TableCodec,
  role: OnnxMetadata['role'],
  expected: Table,
  actual: RunTensors,
): { error: number; ties: number } {
  const tied = new Set<number>();
  const columns = expected.columns.flatMap((column) => {
    const schema = codec.schema.columns.find(({ name }) => name === column.name);
    const tensor = actual[tensorName(role, column.name)];
    return schema === undefined || tensor === undefined
      ? []
      : [{ schema, column, actual: decodeColumn(tensor) }];
  });
  // A category on the other side of its tie changes what depends on it, so its row counts once, as a tie.
  for (const { column, actual: values } of columns) {
    for (let row = 0; row < expected.rows; row++) {
      if (!sameKind(column, values, row)) tied.add(row);
    }
  }
  let error = 0;
  for (const { schema, column, actual: values } of columns) {
    if (schema.levels !== undefined || !(values instanceof Float64Array)) continue;
    const range = (schema.maximum ?? 0) - (schema.minimum ?? 0);
    for (let row = 0; row < expected.rows; row++) {
      const wanted = column.values[row] as number;
      const difference = Math.abs((values[row] as number) - wanted);
      if (tied.has(row) || !(difference > 0)) continue;
      const relative = difference / Math.max(Math.abs(wanted), range);
      if (relative > TOLERANCE && isOneStep(difference, schema)) {
        tied.add(row);
        continue;
      }
      refuseBeyondTolerance(`${role}.onnx, column ${schema.name}`, relative);
      error = Math.max(error, relative);
    }
  }
  const ties = tied.size / expected.rows;
  if (ties > MOST_TIES * columns.length) {
    throw disagreement(
      `${role}.onnx`,
      `${(100 * ties).toFixed(1)} % of the rows have another category or step`,
    );
  }
  return { error, ties };
}

/** Whether a row has the same category, or a number in both or in neither. */
function sameKind(column: TableColumn, actual: SampledColumn, row: number): boolean {
  const [a, b] = [actual[row], column.values[row]];
  if (typeof b === 'number' && typeof a === 'number') return Number.isNaN(a) === Number.isNaN(b);
  if (typeof a === 'number') return b === null ? Number.isNaN(a) : a === Number(b);
  return (a ?? null) === (b ?? null);
}

function isOneStep(difference: number, { step }: ColumnSchema): boolean {
  return step !== null && step !== undefined && Math.abs(difference / step - 1) < 1e-6;
}

function refuseBeyondTolerance(where: string, relative: number): void {
  if (relative <= TOLERANCE) return;
  throw disagreement(where, `ONNX Runtime and the model differ by a relative ${relative.toExponential(1)}`);
}

function disagreement(where: string, what: string): PushforwardError {
  return new PushforwardError('disagreement', what, {
    where,
    mend: "nothing was written; report this with the table's schema",
  });
}
