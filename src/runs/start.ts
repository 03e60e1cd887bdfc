import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { tf } from '../tf.js';
import { makeRunFolder, type RunPaths } from './folder.js';
import type { FitOptions, FitSummary } from './types.js';

/** What every run's configuration says of how it was made. */
export interface RunOrigin {
  readonly version: 1;
  /** Version of the library that made it. */
  readonly pushforward: string;
  readonly source: string;
  readonly split: FitSummary['split'];
  /** Digest of settings and data; a checkpoint goes on only where it is the same. */
  readonly fingerprint: string;
}

/**
 * Makes the folder, or checks that the one to go on with is of the same settings and data, and writes the
 * configuration there.
 * @param data what the run was made of: table, or images.
 * @throws PushforwardError `usage` for a run that was made of others.
 */
export async function writeStart(
  paths: RunPaths,
  config: RunOrigin,
  { resume = false }: Pick<FitOptions, 'resume'>,
  saved: RunOrigin | undefined,
  data: string,
): Promise<void> {
  if (resume && saved?.fingerprint !== config.fingerprint) {
    throw new PushforwardError('usage', `was made with other options or other ${data}`, {
      where: paths.folder,
      mend: `resume with the ${data} and options of the first fit, or start anew with --overwrite`,
    });
  }
  if (!resume) await makeRunFolder(paths);
  await writeFileAtomic(paths.config, `${JSON.stringify(config, null, 2)}\n`);
}

/** How training ended. */
export interface TrainOutcome extends Pick<FitSummary, 'epochs' | 'bestEpoch'> {
  readonly aborted: boolean;
}

/**
 * What is to be reported of a fit.
 * @throws PushforwardError `aborted` for one that was stopped.
 */
export function summaryOf(
  { aborted, epochs, bestEpoch }: TrainOutcome,
  { split }: RunOrigin,
  { folder }: RunPaths,
): Omit<FitSummary, 'files'> {
  if (aborted) {
    throw new PushforwardError('aborted', `stopped after epoch ${epochs}`, {
      where: folder,
      mend: 'go on with --resume',
    });
  }
  return { folder, epochs, bestEpoch, backend: tf.getBackend(), split };
}
