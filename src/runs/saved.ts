import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { TableCodec } from '../data/codec.js';
import { ColumnTransforms } from '../data/transforms.js';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { GaussianBaseline } from '../metrics/gaussianBaseline.js';
import { IndependentBaseline } from '../metrics/independentBaseline.js';
import { overwrite } from '../ops/variableStore.js';
import { buildTableModel } from '../tables/build.js';
import { nameOf, type TableModel } from '../tables/model.js';
import { tf } from '../tf.js';
import { readSafeTensors, writeSafeTensors } from '../train/safetensors.js';
import { libraryVersion, type RunConfig } from './config.js';
import type { Baselines } from './evaluate.js';
import { FittedRun } from './fittedRun.js';
import { type RunPaths, readRunJson, runPaths } from './folder.js';
import { type CardDetails, modelCard } from './modelCard.js';
import type { FitReport, TableRun } from './types.js';

interface SavedSchema {
  readonly codec: unknown;
  readonly transforms: unknown;
  readonly baselines: { readonly gaussian: unknown; readonly independent: unknown };
}

export interface Fitted {
  readonly codec: TableCodec;
  readonly model: TableModel;
  readonly baselines: Baselines;
}

/** Writes the schema with all that was fitted to the columns, and the weights. */
export async function saveFitted(paths: RunPaths, { codec, model, baselines }: Fitted): Promise<void> {
  const schema: SavedSchema = {
    codec: codec.toJSON(),
    transforms: model.transforms?.toJSON() ?? null,
    baselines: { gaussian: baselines.gaussian.toJSON(), independent: baselines.independent.toJSON() },
  };
  await writeFileAtomic(paths.schema, `${JSON.stringify(schema)}\n`);
  const weights = [...model.weights];
  const tensors = new Map(
    weights.map(([name, { variable }]) => [name, variable.dataSync<'float32'>().slice()] as const),
  );
  const slices = Object.fromEntries(
    weights.flatMap(([name, { layout }]) => (layout === undefined ? [] : [[name, JSON.stringify(layout)]])),
  );
  await writeSafeTensors(paths.weights, { tensors, metadata: { pushforward: libraryVersion, ...slices } });
}

/** Writes the report and the model card; gives the files of the folder. */
export async function saveReport(
  paths: RunPaths,
  report: FitReport,
  config: RunConfig,
  details: CardDetails,
): Promise<string[]> {
  await writeFileAtomic(paths.card, modelCard(report, config, details));
  const { folder, ...all } = paths;
  const files = Object.values(all)
    .filter((path) => path === paths.report || existsSync(path))
    .map((path) => relative(folder, path));
  await writeFileAtomic(paths.report, `${JSON.stringify({ ...report, files }, null, 2)}\n`);
  return files;
}

export async function loadConfig(paths: RunPaths): Promise<RunConfig> {
  const config = (await readRunJson(paths.config)) as Partial<RunConfig> | null;
  if (config?.version !== 1 || config.settings === undefined || config.architecture === undefined) {
    throw damaged(paths.config, 'is no configuration of a run');
  }
  // Runs from before there was a choice are flows, and do not name them.
  const { architecture } = config;
  if (architecture.family !== undefined && architecture.family !== 'flow') return config as RunConfig;
  const flow = { ...architecture.flow, name: architecture.flow.name ?? 'realNvp' };
  return { ...(config as RunConfig), architecture: { ...architecture, family: 'flow', flow } };
}

/**
 * Opens the run of a table in a folder.
 * @throws PushforwardError `input` when the folder holds no finished run, `damaged` when a file of it is not whole.
 */
export async function loadTableRun(folder: string): Promise<TableRun> {
  const paths = runPaths(folder);
  await tf.ready();
  const config = await loadConfig(paths);
  const saved = (await readRunJson(paths.schema)) as SavedSchema;
  const { codec, model, baselines } = building(paths.schema, () => rebuild(saved, config));
  const { tensors } = await readSafeTensors(paths.weights);
  for (const [name, { variable }] of model.weights) {
    const values = tensors.get(name);
    if (values?.length !== variable.size) {
      throw damaged(paths.weights, `has no ${variable.size} weights of the ${name}`);
    }
    overwrite(variable, values);
  }
  const report = { ...((await readRunJson(paths.report)) as FitReport), folder, model: nameOf(model) };
  return new FittedRun({ folder, codec, model, baselines, config, report });
}

function rebuild(saved: SavedSchema, config: RunConfig): Fitted {
  const codec = TableCodec.fromJSON(saved.codec);
  const transforms = saved.transforms === null ? null : ColumnTransforms.fromJSON(saved.transforms);
  return {
    codec,
    model: buildTableModel(config.architecture, transforms),
    baselines: {
      gaussian: GaussianBaseline.fromJSON(saved.baselines.gaussian, codec),
      independent: IndependentBaseline.fromJSON(saved.baselines.independent, codec, transforms),
    },
  };
}

/** Anything that goes wrong while a saved object is put together means that its file is damaged. */
function building<T>(path: string, build: () => T): T {
  try {
    return build();
  } catch (cause) {
    if (cause instanceof PushforwardError) throw cause;
    throw damaged(path, 'does not describe a fitted table', cause);
  }
}

function damaged(where: string, what: string, cause?: unknown): PushforwardError {
  return new PushforwardError('damaged', what, {
    where,
    mend: 'restore the file from a copy or fit again',
    cause,
  });
}
