import { tf } from '../tf.js';
import { readRunJson, runPaths } from './folder.js';
import { loadImageRun } from './images/savedRun.js';
import type { Run } from './run.js';
import { loadTableRun } from './saved.js';

/**
 * Opens the run in a folder that `fitTable`, `fitImages` or `pushforward fit` made.
 * @throws PushforwardError `input` when the folder holds no finished run, `damaged` when a file of it is not whole.
 */
export async function loadRun(folder: string): Promise<Run> {
  await tf.ready();
  const config = (await readRunJson(runPaths(folder).config)) as { kind?: unknown } | null;
  return config?.kind === 'images' ? loadImageRun(folder) : loadTableRun(folder);
}
