import { buildVae, type VaeConfig } from '../vae/config.js';
import type { Vae } from '../vae/vae.js';
import { loadModel, type SavedKind, saveModel } from './savedModel.js';

const kind: SavedKind<VaeConfig, Vae> = {
  name: 'vae',
  build: buildVae,
  weights: (vae) => vae.latentModel.weights,
  dispose: (vae) => vae.dispose(),
};

/** Writes `vae.json`, the configuration that the model was built from, and `vae.safetensors`, its weights, to a folder. */
export async function saveVae(vae: Vae, config: VaeConfig, folder: string): Promise<void> {
  await saveModel(kind, vae, config, folder);
}

/**
 * The model that `saveVae` wrote to a folder, and its configuration.
 * @throws PushforwardError `input` when nothing was, `damaged` when files are not whole or do not fit each other.
 */
export async function loadVae(folder: string): Promise<{ vae: Vae; config: VaeConfig }> {
  const { model, config } = await loadModel(kind, folder);
  return { vae: model, config };
}
