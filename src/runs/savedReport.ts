import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeFileAtomic } from '../files.js';
import type { RunPaths } from './folder.js';
import type { FitSummary } from './types.js';

/**
 * Writes the model card and the report; gives the report with the names of the files in the folder.
 * @param folders that the run may have in it; those with anything in them are named too.
 */
export async function saveReport<Report extends FitSummary>(
  paths: RunPaths,
  report: Report,
  card: string,
  folders: readonly string[] = [],
): Promise<Report> {
  await writeFileAtomic(paths.card, card);
  const { folder, ...all } = paths;
  const files = Object.values(all)
    .filter((path) => path === paths.report || existsSync(path))
    .map((path) => relative(folder, path));
  for (const name of folders) {
    const content = await readdir(join(folder, name)).catch(() => []);
    if (content.length > 0) files.push(`${name}/`);
  }
  const whole = { ...report, files };
  await writeFileAtomic(paths.report, `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}
