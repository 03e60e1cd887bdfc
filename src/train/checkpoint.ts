import { PushforwardError } from '../errors.js';
import type { FactorCounters, FactorState } from './factorState.js';
import { readSafeTensors, writeSafeTensors } from './safetensors.js';

interface CheckpointText {
  readonly epoch: number;
  /** Marks the options, rows and weights that the run began with; another mark cannot be gone on from. */
  readonly fingerprint: string;
  readonly counters: Record<string, FactorCounters>;
}

const ARRAYS = ['values', 'm', 'v', 'average', 'best'] as const;

/** Saves all that the next epoch depends on: weights, moments, best weights and counters. */
export async function saveCheckpoint(
  path: string,
  states: readonly FactorState[],
  epoch: number,
  fingerprint: string,
): Promise<void> {
  const tensors = new Map<string, Float32Array>();
  const counters: Record<string, FactorCounters> = {};
  for (const state of states) {
    for (const array of ARRAYS) tensors.set(`${state.trainable.name}/${array}`, state[array]);
    counters[state.trainable.name] = state.counters;
  }
  const text: CheckpointText = { epoch, fingerprint, counters };
  // JSON has no Infinity, which the best loss is when the first validation was not finite.
  const json = JSON.stringify(text, (_, value) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value));
  await writeSafeTensors(path, { tensors, metadata: { checkpoint: json } });
}

/**
 * Puts a checkpoint into the states and gives the epoch it was saved after.
 * @throws PushforwardError `damaged` when it is not whole, `usage` when it belongs to other options, rows or first
 * weights.
 */
export async function restoreCheckpoint(
  path: string,
  states: readonly FactorState[],
  fingerprint: string,
): Promise<number> {
  const { tensors, metadata } = await readSafeTensors(path);
  const text = readCheckpointText<CheckpointText>(path, metadata, fingerprint);
  for (const state of states) {
    const { name } = state.trainable;
    for (const array of ARRAYS) {
      const values = tensors.get(`${name}/${array}`);
      if (values?.length !== state[array].length)
        throw checkpointError(path, `has no fitting ${name}/${array}`);
      state[array].set(values);
    }
    Object.assign(state.counters, text.counters[name]);
    state.trainable.parameters.assign(state.values);
  }
  return text.epoch;
}

/**
 * The text of a checkpoint file's metadata.
 * @throws PushforwardError `damaged` when there is none, `usage` when it belongs to other options, rows or first
 * weights.
 */
export function readCheckpointText<Text extends object>(
  path: string,
  metadata: Readonly<Record<string, string>>,
  fingerprint: string,
): Text {
  let text: Text & { readonly fingerprint?: string };
  try {
    text = JSON.parse(metadata.checkpoint ?? '', (_, value) =>
      value === 'Infinity' ? Number.POSITIVE_INFINITY : value,
    );
  } catch {
    throw checkpointError(path, 'holds no checkpoint');
  }
  if (text.fingerprint !== fingerprint) {
    throw new PushforwardError('usage', 'was made with other options, other data or other first weights', {
      where: path,
      mend: 'resume with those of the first run, or start anew without --resume',
    });
  }
  return text;
}

/** A checkpoint that is not what it claims to be. */
export function checkpointError(path: string, what: string): PushforwardError {
  return new PushforwardError('damaged', what, { where: path, mend: 'fit again without --resume' });
}
