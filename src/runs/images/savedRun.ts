import { damagedFile, PushforwardError } from '../../errors.js';
import { type RunPaths, readConfig, readRunJson, runPaths } from '../folder.js';
import { readWeights, writeWeights } from '../savedModel.js';
import { saveReport } from '../savedReport.js';
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

/** Writes the report and the model card; gives the report with the names of the folder's files. */
export async function saveImageReport(
  paths: RunPaths,
  report: ImageFitReport,
  config: ImageRunConfig,
): Promise<ImageFitReport> {
  return saveReport(paths, report, imageModelCard(report, config), pictureFolders);
}

/** @throws PushforwardError `damaged` for what is no configuration, `usage` for that of a run of a table. */
export async function loadImageConfig(paths: RunPaths): Promise<ImageRunConfig> {
  return checkImageConfig(await readConfig(paths, 'images'), paths.config);
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
