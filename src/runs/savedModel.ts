import { join } from 'node:path';
import { damagedFile } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { overwrite } from '../ops/variableStore.js';
import type { Variable } from '../tf.js';
import { readSafeTensors, writeSafeTensors } from '../train/safetensors.js';
import { libraryVersion } from './config.js';
import { readRunJson } from './folder.js';

/** A model's weights by name, running statistics of batch normalisation too. */
export type NamedWeights = ReadonlyMap<string, Variable>;

/** Writes weights as one safetensors file. @param about goes into its metadata. */
export async function writeWeights(
  path: string,
  weights: NamedWeights,
  about: Readonly<Record<string, string>> = {},
): Promise<void> {
  const tensors = new Map([...weights].map(([name, weight]) => [name, weight.dataSync<'float32'>().slice()]));
  await writeSafeTensors(path, { tensors, metadata: { pushforward: libraryVersion, ...about } });
}

/**
 * Puts the weights of a file into a model's.
 * @throws PushforwardError `damaged` when the file is not there, not whole, or not of this model.
 */
export async function readWeights(path: string, weights: NamedWeights): Promise<void> {
  const { tensors } = await readSafeTensors(path);
  for (const [name, weight] of weights) {
    const values = tensors.get(name);
    if (values?.length !== weight.size) throw damagedFile(path, `has no ${weight.size} weights ${name}`);
    overwrite(weight, values);
  }
}

/** How one kind of model is saved: its name, which its files have, how it is built, and its weights. */
export interface SavedKind<Config, Model> {
  readonly name: string;
  build(config: Config): Promise<Model>;
  weights(model: Model): NamedWeights;
  dispose(model: Model): void;
}

/** Writes `NAME.json`, the configuration that the model was built from, and `NAME.safetensors`, its weights. */
export async function saveModel<Config, Model>(
  kind: SavedKind<Config, Model>,
  model: Model,
  config: Config,
  folder: string,
): Promise<void> {
  const paths = pathsOf(folder, kind.name);
  const saved = { version: 1, pushforward: libraryVersion, [kind.name]: config };
  await writeFileAtomic(paths.config, `${JSON.stringify(saved, null, 2)}\n`);
  await writeWeights(paths.weights, kind.weights(model));
}

/**
 * What `saveModel` wrote to a folder.
 * @throws PushforwardError `input` when nothing was, `damaged` when files are not whole or do not fit each other.
 */
export async function loadModel<Config, Model>(
  kind: SavedKind<Config, Model>,
  folder: string,
): Promise<{ model: Model; config: Config }> {
  const paths = pathsOf(folder, kind.name);
  const saved = (await readRunJson(paths.config)) as Record<string, unknown> | null;
  const config = saved?.[kind.name] as Config | undefined;
  if (saved?.version !== 1 || config === undefined)
    throw damagedFile(paths.config, `describes no ${kind.name}`);
  const model = await kind.build(config).catch((cause) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw damagedFile(paths.config, `describes no ${kind.name} (${reason})`, cause);
  });
  try {
    await readWeights(paths.weights, kind.weights(model));
  } catch (error) {
    kind.dispose(model);
    throw error;
  }
  return { model, config };
}

function pathsOf(folder: string, name: string): { config: string; weights: string } {
  return { config: join(folder, `${name}.json`), weights: join(folder, `${name}.safetensors`) };
}
