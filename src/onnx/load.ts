import { checkDraw, type DrawOptions } from '../draw.js';
import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import { decodeColumn, encodeColumn, joinColumns, type RawValue, type SampledColumn } from './columns.js';
import type { OnnxPort } from './file.js';
import { type OnnxMetadata, OTHER_SIDE, readMetadata, tensorName } from './metadata.js';
import { OnnxRunner, type OnnxRunnerOptions, type RunTensor, type RunTensors } from './session.js';

export type { RawValue, SampledColumn } from './columns.js';
export type { OnnxColumn, OnnxMetadata } from './metadata.js';

/** Rows of one run of the graph; more are served in parts, so that memory does not grow with them. */
const ROWS_PER_RUN = 4096;

function portsOf({ role, columns }: OnnxMetadata): { inputs: PortType[]; outputs: PortType[] } {
  const table = columns.map(({ name, type }): PortType => ({ name: tensorName(role, name), type }));
  const others = OTHER_SIDE[role].map((name): PortType => ({ name, type: 'float32' }));
  return role === 'generator' || role === 'decoder'
    ? { inputs: others, outputs: table }
    : { inputs: table, outputs: others };
}

type PortType = Pick<OnnxPort, 'name' | 'type'>;

/** What each file is, and what it does not give. */
const WHAT: Readonly<Record<OnnxMetadata['role'], string>> = {
  generator: 'a generator, which gives no densities and no codes',
  density: 'a density, which gives no rows',
  encoder: 'an encoder, which gives codes of rows',
  decoder: 'a decoder, which gives the rows of codes',
  critic: 'a critic, which gives scores of packs of rows',
};

function samePorts(actual: readonly PortType[], expected: readonly PortType[]): boolean {
  return (
    actual.length === expected.length &&
    expected.every(({ name, type }) => actual.some((port) => port.name === name && port.type === type))
  );
}

/** Codes of rows, [rows · latent] each, row by row. */
export interface EncodedCodes {
  readonly mean: Float32Array;
  /** Natural logarithms of the variances. */
  readonly logVariance: Float32Array;
}

/** What is exported of a table's model, run by ONNX Runtime in a thread of its own. Made by `loadOnnx`. */
export class OnnxModel {
  readonly #runner: OnnxRunner;

  constructor(
    runner: OnnxRunner,
    readonly metadata: OnnxMetadata,
  ) {
    this.#runner = runner;
  }

  /**
   * New rows, by column. The draw is that of the model in Node for the same seed: normals of the
   * stream `sample`, row by row. Throws `unsupported` for a density, `usage` for a count, seed or
   * temperature that makes no sense.
   */
  async sample(rows: number, options: DrawOptions = {}): Promise<Record<string, SampledColumn>> {
    this.#need('generator');
    const { seed, temperature } = checkDraw(rows, options);
    const random = new Random(seed, streamOf('sample'));
    return this.#rowsOf(rows, (_, count) => {
      const z = random.normal(new Float32Array(count * this.metadata.latent));
      if (temperature !== 1) for (let i = 0; i < z.length; i++) z[i] = (z[i] as number) * temperature;
      return z;
    });
  }

  /**
   * The likeliest row of each code, by column; codes are [rows · latent], row by row. Throws `unsupported` for what is
   * no decoder, `shape` for a part of a code.
   */
  async decode(codes: Float32Array): Promise<Record<string, SampledColumn>> {
    this.#need('decoder');
    const { latent } = this.metadata;
    const rows = codes.length / latent;
    if (!Number.isInteger(rows)) {
      throw new PushforwardError('shape', `${codes.length} numbers are no codes of ${latent}`, {
        where: this.#runner.source,
      });
    }
    return this.#rowsOf(rows, (from, count) => codes.slice(from * latent, (from + count) * latent));
  }

  /** What the graph makes of latents, which `draw` gives for `count` rows from the row `from` on. */
  async #rowsOf(
    rows: number,
    draw: (from: number, count: number) => Float32Array,
  ): Promise<Record<string, SampledColumn>> {
    const { latent, columns } = this.metadata;
    const parts = columns.map((): SampledColumn[] => []);
    for (let from = 0; from < rows; from += ROWS_PER_RUN) {
      const count = Math.min(ROWS_PER_RUN, rows - from);
      const z = draw(from, count);
      const results = await this.#runner.run({ z: { type: 'float32', dims: [count, latent], data: z } });
      columns.forEach(({ name }, index) => {
        parts[index]?.push(decodeColumn(results[tensorName(this.metadata.role, name)] as RunTensor));
      });
    }
    return Object.fromEntries(
      columns.map((column, index) => [column.name, joinColumns(column, parts[index] ?? [])]),
    );
  }

  /**
   * log p of each row in nats, [rows]; −Infinity for a row that holds something the fit never saw.
   * Columns that the model does not know are passed over. Throws `unsupported` for a generator, `input`
   * for a missing column, columns of different lengths or a value of another kind.
   */
  async score(columns: Readonly<Record<string, ArrayLike<RawValue>>>): Promise<Float32Array> {
    this.#need('density');
    const scores = new Float32Array(this.#rows(columns));
    await this.#run(columns, ({ log_prob: result }, from) => scores.set(result?.data as Float32Array, from));
    return scores;
  }

  /**
   * Codes of rows; NaN for a row that holds something the fit never saw. Throws `unsupported` for what is no encoder,
   * `input` as `score`.
   */
  async encode(columns: Readonly<Record<string, ArrayLike<RawValue>>>): Promise<EncodedCodes> {
    this.#need('encoder');
    const { latent } = this.metadata;
    const size = this.#rows(columns) * latent;
    const codes = { mean: new Float32Array(size), logVariance: new Float32Array(size) };
    await this.#run(columns, ({ mean, log_variance: logVariance }, from) => {
      codes.mean.set(mean?.data as Float32Array, from * latent);
      codes.logVariance.set(logVariance?.data as Float32Array, from * latent);
    });
    return codes;
  }

  /**
   * What the critic says of packs, [rows / pac]: the first `metadata.pac` rows are the first pack. Scores have no unit:
   * a pack that is more like those of the table's rows has a greater one. NaN for a pack with a row that holds something
   * the fit never saw. Throws `unsupported` for what is no critic, `shape` for rows that are no whole packs, `input` as
   * `score`.
   */
  async judge(columns: Readonly<Record<string, ArrayLike<RawValue>>>): Promise<Float32Array> {
    this.#need('critic');
    const { pac = 1 } = this.metadata;
    const rows = this.#rows(columns);
    if (rows % pac !== 0) {
      throw new PushforwardError('shape', `${rows} rows are no whole packs of ${pac}`, {
        where: this.#runner.source,
        mend: `give ${rows - (rows % pac) || pac}`,
      });
    }
    const scores = new Float32Array(rows / pac);
    await this.#run(columns, ({ score }, from) => scores.set(score?.data as Float32Array, from / pac));
    return scores;
  }

  /** Ends the thread. A model that is not closed does not keep the process alive either. */
  close(): Promise<void> {
    return this.#runner.close();
  }

  /** Runs the graph on rows of columns, part by part. */
  async #run(
    columns: Readonly<Record<string, ArrayLike<RawValue>>>,
    take: (results: RunTensors, from: number) => void,
  ): Promise<void> {
    const { role, pac = null } = this.metadata;
    const rows = this.#rows(columns);
    const step = pac === null ? ROWS_PER_RUN : pac * Math.ceil(ROWS_PER_RUN / pac);
    for (let from = 0; from < rows; from += step) {
      const to = Math.min(from + step, rows);
      const feeds = this.metadata.columns.map((column) => {
        const values = this.#column(columns, column.name);
        return [tensorName(role, column.name), encodeColumn(column, values, from, to, pac)] as const;
      });
      take(await this.#runner.run(Object.fromEntries(feeds)), from);
    }
  }

  #need(role: OnnxMetadata['role']): void {
    const own = this.metadata.role;
    if (own === role) return;
    throw new PushforwardError('unsupported', `this file is ${WHAT[own]}`, {
      where: this.#runner.source,
      mend: `load ${role}.onnx`,
    });
  }

  #column(columns: Readonly<Record<string, ArrayLike<RawValue>>>, name: string): ArrayLike<RawValue> {
    const values = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (values !== undefined) return values;
    throw new PushforwardError('input', `the column "${name}" is missing`, { where: this.#runner.source });
  }

  #rows(columns: Readonly<Record<string, ArrayLike<RawValue>>>): number {
    let rows: number | undefined;
    for (const { name } of this.metadata.columns) {
      const { length } = this.#column(columns, name);
      if (rows !== undefined && length !== rows) {
        throw new PushforwardError('input', `the column "${name}" has ${length} rows and others ${rows}`, {
          where: this.#runner.source,
        });
      }
      rows = length;
    }
    return rows ?? 0;
  }
}

/**
 * Opens a file that this project exported. Throws PushforwardError naming the file: `input` when it
 * cannot be read or was written by somebody else, `damaged` when it is no ONNX file, not all of one or
 * does not hold what it says, `unsupported` when it is of a later version.
 */
export async function loadOnnx(path: string, options: OnnxRunnerOptions = {}): Promise<OnnxModel> {
  const runner = await OnnxRunner.open(path, options);
  try {
    const metadata = readMetadata(runner.header.metadata, path);
    const { inputs, outputs } = portsOf(metadata);
    if (!samePorts(runner.header.inputs, inputs) || !samePorts(runner.header.outputs, outputs)) {
      throw new PushforwardError('damaged', 'the graph does not fit what the file says about its columns', {
        where: path,
        mend: 'export the model again',
      });
    }
    return new OnnxModel(runner, metadata);
  } catch (error) {
    await runner.close();
    throw error;
  }
}
