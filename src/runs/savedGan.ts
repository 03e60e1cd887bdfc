import { buildGan, type GanConfig } from '../gan/config.js';
import type { Gan } from '../gan/gan.js';
import { loadModel, type SavedKind, saveModel } from './savedModel.js';

const kind: SavedKind<GanConfig, Gan> = {
  name: 'gan',
  build: buildGan,
  weights: (gan) => gan.weights,
  dispose: (gan) => gan.dispose(),
};

/** Writes `gan.json`, the configuration that the model was built from, and `gan.safetensors`, its weights, to a folder. */
export async function saveGan(gan: Gan, config: GanConfig, folder: string): Promise<void> {
  await saveModel(kind, gan, config, folder);
}

/**
 * The model that `saveGan` wrote to a folder, and its configuration.
 * @throws PushforwardError `input` when nothing was, `damaged` when files are not whole or do not fit each other.
 */
export async function loadGan(folder: string): Promise<{ gan: Gan; config: GanConfig }> {
  const { model, config } = await loadModel(kind, folder);
  return { gan: model, config };
}
