import { basename } from 'node:path';
import { TableCodec } from '../data/codec.js';
import { inferSchema } from '../data/schema.js';
import { splitRows, takeRows } from '../data/split.js';
import { ColumnTransforms } from '../data/transforms.js';
import type { EncodedRows, Table } from '../data/types.js';
import { GaussianBaseline } from '../metrics/gaussianBaseline.js';
import { IndependentBaseline } from '../metrics/independentBaseline.js';
import { buildTableModel, chooseArchitecture } from '../tables/build.js';
import { familyOf } from '../tables/catalogue.js';
import { layoutOf } from '../tables/layout.js';
import type { TableModel } from '../tables/model.js';
import { tf } from '../tf.js';
import { fingerprintOf, libraryVersion, planTraining, type RunConfig } from './config.js';
import { type Baselines, evaluateRows } from './evaluate.js';
import { exportRun } from './export.js';
import { FittedRun, tableFrom } from './fittedRun.js';
import { folderToFit } from './folder.js';
import { modelCard } from './modelCard.js';
import { type FitSettings, resolveSettings } from './options.js';
import { loadConfig, saveFitted } from './saved.js';
import { saveReport } from './savedReport.js';
import { summaryOf, writeStart } from './start.js';
import { trainTable } from './trainTable.js';
import type { FitReport, FitTableOptions, TableRun, TableSource } from './types.js';

/** What is known before the first step: the rows, encoded and split, and an untrained model of them. */
interface PreparedFit {
  readonly codec: TableCodec;
  readonly model: TableModel;
  readonly baselines: Baselines;
  readonly config: RunConfig;
  readonly training: EncodedRows;
  readonly validation: EncodedRows;
  readonly test: EncodedRows;
}

/**
 * Fits a model of a table's rows and writes its run folder: weights, ONNX files, metrics, report.
 *
 * Categories, gaps and frequent single values are modelled by an autoregressive network, numbers by
 * a conditional flow given them (see `TableModel`). The held-out log-likelihood in `run.report` is of
 * rows that neither the fit nor its early stopping saw.
 *
 * @throws PushforwardError `usage` or `input`, before anything is written, for options or tables that
 * cannot be used; `aborted` after `signal`; `numeric` when training diverges at every learning rate; `disagreement` when ONNX
 * Runtime does not reproduce the model.
 */
export async function fitTable(source: TableSource, options: FitTableOptions = {}): Promise<TableRun> {
  const start = performance.now();
  const paths = await folderToFit(options);
  const saved = options.resume ? await loadConfig(paths) : undefined;
  const settings = resolveSettings(options, saved?.settings);
  await tf.ready();
  const table = await tableFrom(source, settings.header);
  const prepared = await prepareFit(table, settings, options);
  await writeStart(paths, prepared.config, options, saved, 'table');

  const { codec, model, baselines, config } = prepared;
  const summary = summaryOf(await trainTable(prepared, paths, options), config, paths);
  options.onEvent?.({ kind: 'stage', message: 'scoring the held-out rows' });
  const evaluation = await evaluateRows(model, codec, baselines, prepared.test);
  await saveFitted(paths, prepared);
  options.onEvent?.({ kind: 'stage', message: 'writing and checking the ONNX files' });
  const parts = { folder: paths.folder, codec, model, baselines, config };
  const exported = await exportRun({ ...parts, evaluation }, paths.folder);
  const report: FitReport = {
    ...evaluation,
    ...summary,
    onnx: exported.onnx,
    files: [],
    seconds: (performance.now() - start) / 1000,
  };
  const card = modelCard(report, config, {
    schema: codec.schema,
    latentDim: model.latentDim,
    onnxFiles: exported.files.map((path) => basename(path)),
  });
  return new FittedRun({ ...parts, report: await saveReport(paths, report, card) });
}

async function prepareFit(
  table: Table,
  settings: FitSettings,
  options: FitTableOptions,
): Promise<PreparedFit> {
  const { schema, warnings } = inferSchema(table, { columns: settings.columns, drop: [...settings.drop] });
  options.onEvent?.({ kind: 'table', source: table.source, rows: table.rows, schema });
  const codec = TableCodec.fit(schema, table);
  const layout = layoutOf(codec);
  if (
    layout.numerics.length === 0 &&
    familyOf(settings.model.name) === 'flow' &&
    options.model !== undefined
  ) {
    warnings.push(`the table has no numbers to model, so ${settings.model.name} is left aside`);
  }
  for (const message of warnings) options.onEvent?.({ kind: 'warning', message });
  const rows = codec.encode(table);
  const split = splitRows(rows.rows, settings);
  const [training, validation, test] = [split.train, split.validation, split.test].map((part) =>
    takeRows(rows, part),
  ) as [EncodedRows, EncodedRows, EncodedRows];
  const transforms =
    codec.numerics.length === 0 ? null : ColumnTransforms.fit(codec, training, settings.seed);
  const architecture = chooseArchitecture(layout, training.rows, settings.seed, settings.model);
  return {
    codec,
    model: buildTableModel(architecture, transforms),
    baselines: {
      gaussian: GaussianBaseline.fit(codec, training),
      independent: IndependentBaseline.fit(codec, transforms, training),
    },
    config: {
      version: 1,
      pushforward: libraryVersion,
      source: basename(table.source),
      settings,
      split: { train: training.rows, validation: validation.rows, test: test.rows },
      training: planTraining(settings, training.rows, architecture),
      architecture,
      fingerprint: fingerprintOf(settings, schema, rows),
    },
    training,
    validation,
    test,
  };
}
