import type { CliContext, Output } from '../../src/cli/context.js';
import { runCommandLine } from '../../src/cli/run.js';
import type { ImageSet } from '../../src/data/images/imageSet.js';
import type { Table, TableSchema } from '../../src/data/types.js';
import { PushforwardError } from '../../src/errors.js';
import type { ReproduceSettings, Reproduction } from '../../src/reproduce/index.js';
import type { FitImagesOptions, ImageRun, ImageSource } from '../../src/runs/images/types.js';
import type { FitEvent, FitReport, FitTableOptions, TableRun, TableSource } from '../../src/runs/types.js';

/** A stream that keeps what is written to it. */
export class Recorder implements Output {
  text = '';
  constructor(
    readonly isTTY = false,
    readonly columns = 100,
  ) {}
  write(text: string, done: (error?: Error | null) => void): void {
    this.text += text;
    done();
  }
}

export const schema: TableSchema = {
  version: 1,
  columns: [
    { name: 'age', kind: 'integer', type: 'number', missing: 0, minimum: 17, maximum: 90, step: 1 },
    { name: 'job', kind: 'categorical', type: 'string', missing: 0.25, levels: ['baker', 'smith'] },
    { name: 'id', kind: 'id', type: 'number', missing: 0, dropped: 'every value is different' },
  ],
};

export const table: Table = {
  rows: 2,
  source: 'rows.csv',
  columns: [
    { name: 'age', type: 'number', values: Float64Array.of(31, Number.NaN) },
    { name: 'job', type: 'string', values: ['baker', null] },
    { name: 'since', type: 'datetime', values: Float64Array.of(0, Number.NaN) },
  ],
};

export const report: FitReport = {
  model: 'nsf',
  rows: 34,
  logLikelihood: -3.25,
  standardError: 0.5,
  latentSamples: null,
  samples: null,
  baselines: { gaussian: -4.5, independent: -6 },
  unseenRows: 0,
  seconds: 12.5,
  folder: 'run',
  epochs: 40,
  bestEpoch: 30,
  backend: 'native',
  split: { train: 276, validation: 34, test: 34 },
  onnx: { maxRelativeError: 2.5e-6, ties: 0, rows: 64 },
  files: ['run/generator.onnx', 'run/density.onnx'],
};

export const fakeRun: TableRun = {
  kind: 'table',
  folder: 'run',
  schema,
  model: { name: 'nsf', layers: 5, hidden: [64, 32], activation: 'relu', bins: 8, bound: 3 },
  report,
  sample: async (rows) => ({ ...table, rows: Math.min(rows, table.rows) }),
  score: async () => ({
    logProb: Float64Array.of(-1.5, Number.NEGATIVE_INFINITY),
    latentSamples: null,
    unseen: Uint8Array.of(0, 1),
    table,
  }),
  evaluate: async () => report,
  export: async (folder) => ({
    folder,
    files: ['generator.onnx', 'density.onnx'],
    onnx: report.onnx,
    seconds: 1,
  }),
};

export const fakeReproduction: Reproduction = {
  experiment: 'pacgan-ring',
  source: 'the paper, table 1',
  quick: true,
  seed: 0,
  seconds: 75,
  figures: [
    { name: 'modes', ours: 7.25, spread: 0.5, published: '7.9 ± 0.1' },
    { name: 'error', ours: 0.00012345 },
  ],
  remarks: ['Fewer steps.'],
};

export interface Fakes {
  /** What the fit does instead of fitting. */
  readonly fit?: (source: TableSource, options: FitTableOptions) => Promise<TableRun>;
  readonly run?: Partial<TableRun>;
  /** The run of images that there is in place of the one of a table. */
  readonly images?: ImageRun;
  /** What an experiment does instead of running. */
  readonly reproduce?: (name: string, settings: ReproduceSettings) => Promise<Reproduction>;
  readonly terminal?: boolean;
  readonly debug?: boolean;
  /** Presses Ctrl-C as soon as somebody listens. */
  readonly interrupt?: boolean;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `fitTable` was called with, if it was. */
  readonly fitted: { readonly source: TableSource; readonly options: FitTableOptions } | undefined;
  /** What `fitImages` was called with, if it was. */
  readonly fittedImages: { readonly source: ImageSource; readonly options: FitImagesOptions } | undefined;
  /** Images written, by path. */
  readonly writtenImages: ReadonlyMap<string, ImageSet>;
  /** Tables written, by path. */
  readonly written: ReadonlyMap<string, Table>;
}

/** Runs one command line against a run that exists in memory only. */
export async function runFake(argv: readonly string[], fakes: Fakes = {}): Promise<Outcome> {
  const stdout = new Recorder();
  const stderr = new Recorder(fakes.terminal);
  const written = new Map<string, Table>();
  const writtenImages = new Map<string, ImageSet>();
  let fitted: Outcome['fitted'];
  let fittedImages: Outcome['fittedImages'];
  let time = 0;
  const context: CliContext = {
    stdout,
    stderr,
    runs: async () => ({
      fitTable: async (source, options) => {
        fitted = { source, options };
        return fakes.fit === undefined ? fakeRun : fakes.fit(source, options);
      },
      fitImages: async (source, options) => {
        fittedImages = { source, options };
        if (fakes.images === undefined) throw new Error('no images are to be fitted');
        return fakes.images;
      },
      fitClassifier: () => Promise.reject(new Error('no classifier is to be fitted')),
      loadRun: async (folder) => {
        if (fakes.images !== undefined) return fakes.images;
        if (folder === 'absent') throw new PushforwardError('input', 'is no run folder', { where: folder });
        return { ...fakeRun, ...fakes.run };
      },
    }),
    reproductions: async () => ({
      reproduce: async (name, settings) =>
        fakes.reproduce === undefined ? fakeReproduction : fakes.reproduce(name, settings),
    }),
    tables: async () => ({
      writeTable: async (rows, path) => void written.set(path, rows),
    }),
    images: async () => ({
      writeImageFiles: async (images, path) => void writtenImages.set(path, images),
    }),
    environment: async () => ({
      version: '1.2.3',
      node: '20.0.0',
      platform: 'linux x64',
      addon: { loaded: false, problem: 'no addon; run npm run build:addon' },
      tfjs: { version: '4.22.0', backend: 'cpu' },
      onnxruntime: '1.0.0',
      duckdb: 'v1.0.0',
    }),
    onInterrupt: (handler) => {
      if (fakes.interrupt === true) handler();
      return () => {};
    },
    // Every look at the clock is 40 ms later than the one before.
    now: () => {
      time += 40;
      return time;
    },
    debug: fakes.debug === true,
  };
  const code = await runCommandLine(argv, context, '1.2.3');
  return { code, stdout: stdout.text, stderr: stderr.text, fitted, fittedImages, written, writtenImages };
}

/** The events of a fit of that many epochs with three steps each. */
export function* fitEvents(epochs: number): Generator<FitEvent> {
  yield { kind: 'table', source: 'rows.csv', rows: 344, schema };
  yield { kind: 'start', model: 'nsf', epochs, stepsPerEpoch: 3, parameters: 12345, backend: 'native' };
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    for (let step = 1; step <= 3; step += 1) {
      yield { kind: 'step', epoch, step, done: 3 * (epoch - 1) + step, total: 3 * epochs };
    }
    yield {
      kind: 'epoch',
      epoch,
      epochs,
      figures: { train: -3 + epoch / 100, validation: -3.5 + epoch / 100 },
      best: true,
      rowsPerSecond: 23456.7,
    };
  }
  yield { kind: 'stage', message: 'writing the ONNX files' };
}
