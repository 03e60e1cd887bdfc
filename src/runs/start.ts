import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { makeRunFolder, type RunPaths } from './folder.js';

/** What a fit and the one that goes on with it have in common. */
interface Fingerprinted {
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
  config: Fingerprinted,
  { resume = false }: { readonly resume?: boolean },
  saved: Fingerprinted | undefined,
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

/** @throws PushforwardError `aborted` for a fit that was stopped. */
export function checkFinished(
  { aborted, epochs }: { readonly aborted: boolean; readonly epochs: number },
  paths: RunPaths,
): void {
  if (!aborted) return;
  throw new PushforwardError('aborted', `stopped after epoch ${epochs}`, {
    where: paths.folder,
    mend: 'go on with --resume',
  });
}
