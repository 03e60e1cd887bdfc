import type { Gan } from '../gan/gan.js';
import type { GanTrainer } from '../gan/trainer.js';
import { overwrite } from '../ops/variableStore.js';
import { checkpointError, readCheckpointText } from '../train/checkpoint.js';
import { readSafeTensors, writeSafeTensors } from '../train/safetensors.js';

/** Saves all that the next step depends on: optimizers, running statistics, spectral directions, counts. */
export async function saveGanCheckpoint(
  path: string,
  { trainer, gan }: { readonly trainer: GanTrainer; readonly gan: Gan },
  epoch: number,
  fingerprint: string,
): Promise<void> {
  const tensors = new Map([
    ...[...trainer.state].map(([name, values]) => [`trainer/${name}`, values] as const),
    ...[...gan.weights].map(
      ([name, weight]) => [`model/${name}`, weight.dataSync<'float32'>().slice()] as const,
    ),
  ]);
  const checkpoint = JSON.stringify({ epoch, steps: trainer.steps, fingerprint });
  await writeSafeTensors(path, { tensors, metadata: { checkpoint } });
}

/**
 * Puts a checkpoint into trainer and model, and gives the epoch it was saved after.
 * @throws PushforwardError `damaged` when it is not whole, `usage` when it belongs to other options, rows or first
 * weights.
 */
export async function restoreGanCheckpoint(
  path: string,
  { trainer, gan }: { readonly trainer: GanTrainer; readonly gan: Gan },
  fingerprint: string,
): Promise<number> {
  const { tensors, metadata } = await readSafeTensors(path);
  const { epoch, steps } = readCheckpointText<{ epoch: number; steps: number }>(path, metadata, fingerprint);
  for (const [name, array] of trainer.state) {
    const values = tensors.get(`trainer/${name}`);
    if (values?.length !== array.length) throw checkpointError(path, `has no fitting ${name}`);
    array.set(values);
  }
  for (const [name, weight] of gan.weights) {
    const values = tensors.get(`model/${name}`);
    if (values?.length !== weight.size) throw checkpointError(path, `has no fitting ${name}`);
    overwrite(weight, values);
  }
  trainer.resume(steps);
  return epoch;
}
