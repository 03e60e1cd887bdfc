import { join } from 'node:path';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { overwrite } from '../ops/variableStore.js';
import { readSafeTensors, writeSafeTensors } from '../train/safetensors.js';
import { buildVae, type VaeConfig } from '../vae/config.js';
import type { Vae } from '../vae/vae.js';
import { libraryVersion } from './config.js';
import { readRunJson } from './folder.js';

interface SavedVae {
  readonly version: 1;
  readonly pushforward: string;
  readonly vae: VaeConfig;
}

/** Writes `vae.json`, the configuration that the model was built from, and `vae.safetensors`, its weights, to a folder. */
export async function saveVae(vae: Vae, config: VaeConfig, folder: string): Promise<void> {
  const saved: SavedVae = { version: 1, pushforward: libraryVersion, vae: config };
  const paths = pathsOf(folder);
  const tensors = new Map(
    [...vae.latentModel.weights].map(([name, weight]) => [name, weight.dataSync<'float32'>().slice()]),
  );
  await writeFileAtomic(paths.config, `${JSON.stringify(saved, null, 2)}\n`);
  await writeSafeTensors(paths.weights, { tensors, metadata: { pushforward: libraryVersion } });
}

/**
 * The model that `saveVae` wrote to a folder, and its configuration.
 * @throws PushforwardError `input` when nothing was, `damaged` when files are not whole or do not fit each other.
 */
export async function loadVae(folder: string): Promise<{ vae: Vae; config: VaeConfig }> {
  const paths = pathsOf(folder);
  const damaged = (where: string, what: string, cause?: unknown) =>
    new PushforwardError('damaged', what, {
      where,
      mend: 'restore the file from a copy or fit again',
      cause,
    });
  const saved = (await readRunJson(paths.config)) as Partial<SavedVae> | null;
  if (saved?.version !== 1 || saved.vae === undefined) throw damaged(paths.config, 'describes no VAE');
  let vae: Vae;
  try {
    vae = await buildVae(saved.vae);
  } catch (cause) {
    throw damaged(
      paths.config,
      `describes no VAE (${cause instanceof Error ? cause.message : cause})`,
      cause,
    );
  }
  try {
    const { tensors } = await readSafeTensors(paths.weights);
    for (const [name, weight] of vae.latentModel.weights) {
      const values = tensors.get(name);
      if (values?.length !== weight.size)
        throw damaged(paths.weights, `has no ${weight.size} weights ${name}`);
      overwrite(weight, values);
    }
  } catch (error) {
    vae.dispose();
    throw error;
  }
  return { vae, config: saved.vae };
}

function pathsOf(folder: string): { config: string; weights: string } {
  return { config: join(folder, 'vae.json'), weights: join(folder, 'vae.safetensors') };
}
