import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { PushforwardError } from '../../errors.js';
import { writeFileAtomic } from '../../files.js';
import { type RunPaths, readRunJson, runPaths } from '../folder.js';
import { damagedFile, readWeights, writeWeights } from '../savedModel.js';
import { buildImageModel, checkImageConfig, type ImageRunConfig } from './config.js';
import { FittedImages } from './imageRun.js';
import type { ImageModel } from './model.js';
import { imageModelCard } from './modelCard.js';
import type { ImageFitReport, ImageRun } from './types.js';

/** Folders of pictures, one file to an epoch that has any. */
const pictureFolders = ['samples', 'reconstructions', 'interpolations'] as const;

/** Writes the weights. */
export async function saveImageModel(paths: RunPaths, model: ImageModel): Promise<void> {
  await writeWeights(paths.weights, model.weights);
}

/** Writes the report and the model card; gives the files of the folder. */
export async function saveImageReport(
  paths: RunPaths,
  report: ImageFitReport,
  config: ImageRunConfig,
): Promise<string[]> {
  await writeFileAtomic(paths.card, imageModelCard(report, config));
  const { folder, ...all } = paths;
  const files = Object.values(all)
    .filter((path) => path === paths.report || existsSync(path))
    .map((path) => relative(folder, path));
  for (const name of pictureFolders) {
    const pictures = await readdir(join(folder, name)).catch(() => []);
    if (pictures.length > 0) files.push(`${name}/`);
  }
  await writeFileAtomic(paths.report, `${JSON.stringify({ ...report, files }, null, 2)}\n`);
  return files;
}

/** @throws PushforwardError `damaged` for what is no configuration of a run of images. */
export async function loadImageConfig(paths: RunPaths): Promise<ImageRunConfig> {
  return checkImageConfig(await readRunJson(paths.config), paths.config);
}

/** Opens the run of images in a folder. */
export async function loadImageRun(folder: string): Promise<ImageRun> {
  const paths = runPaths(folder);
  const config = await loadImageConfig(paths);
  const report = { ...((await readRunJson(paths.report)) as ImageFitReport), folder };
  const model = await buildImageModel(config.plan).catch((cause) => {
    const reason = cause instanceof PushforwardError ? ` (${cause.message})` : '';
    throw damagedFile(paths.config, `does not describe a model of images${reason}`, cause);
  });
  try {
    await readWeights(paths.weights, model.weights);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return new FittedImages({ folder, model, config, report });
}
