import { TableCodec } from '../data/codec.js';
import { ColumnTransforms } from '../data/transforms.js';
import { damagedFile, PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { GaussianBaseline } from '../metrics/gaussianBaseline.js';
import { IndependentBaseline } from '../metrics/independentBaseline.js';
import { buildTableModel } from '../tables/build.js';
import { nameOf, type TableModel } from '../tables/model.js';
import { tf } from '../tf.js';
import type { RunConfig } from './config.js';
import type { Baselines } from './evaluate.js';
import { FittedRun } from './fittedRun.js';
import { type RunPaths, readConfig, readRunJson, runPaths } from './folder.js';
import { type NamedWeights, readWeights, writeWeights } from './savedModel.js';
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
  const layouts = [...model.weights].flatMap(([name, { layout }]) =>
    layout === undefined ? [] : [[name, JSON.stringify(layout)] as const],
  );
  await writeWeights(paths.weights, variablesOf(model), Object.fromEntries(layouts));
}

export async function loadConfig(paths: RunPaths): Promise<RunConfig> {
  const config = (await readConfig(paths, 'table')) as Partial<RunConfig> | null;
  if (config?.version !== 1 || config.settings === undefined || config.architecture === undefined) {
    throw damagedFile(paths.config, 'is no configuration of a run');
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
  await readWeights(paths.weights, variablesOf(model));
  const report = { ...((await readRunJson(paths.report)) as FitReport), folder, model: nameOf(model) };
  return new FittedRun({ folder, codec, model, baselines, config, report });
}

function variablesOf({ weights }: TableModel): NamedWeights {
  return new Map([...weights].map(([name, { variable }]) => [name, variable]));
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
    throw damagedFile(path, 'does not describe a fitted table', cause);
  }
}
