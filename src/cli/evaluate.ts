import { Command } from 'commander';
import { evaluationText } from '../report/evaluation.js';
import { formatCount } from '../report/numbers.js';
import type { CliContext } from './context.js';
import { addImageScoreOptions, refuseImageOptions } from './imageOptions.js';
import { evaluateImageRun, type ImageEvaluateFlags, imageSource } from './imageRuns.js';
import { addBackendOption, addCommonOptions, type BackendOption, tableSource } from './options.js';
import { result, warn } from './output.js';

interface EvaluateFlags extends ImageEvaluateFlags, BackendOption {
  readonly sql?: string;
}

export function evaluateCommand(context: CliContext): Command {
  const command = new Command('evaluate')
    .summary('what a model makes of a table or of images that it was not fitted to')
    .description(
      'Measures a model on rows it was not fitted on: mean log-likelihood in nats a row, beside a full-covariance Gaussian and independent columns; of images, log-likelihoods where there are any, and how far samples are from them.',
    )
    .argument('<run>', 'run folder of a fit')
    .argument('[data]', 'CSV, Parquet or JSON file with the columns of the fit, or images of its size')
    .option('--sql <query>', 'rows of a query instead of a file')
    .option(
      '--classifier <file>',
      'a classifier that `pushforward classifier` fitted: images are compared on its features too',
    );
  return addCommonOptions(addBackendOption(addImageScoreOptions(command)), 'the draws for images')
    .addHelpText('after', '\nExample:\n  $ pushforward evaluate run/ other.csv --json')
    .action((folder: string, table: string | undefined, flags: EvaluateFlags) =>
      evaluate(context, folder, table, flags),
    );
}

async function evaluate(
  context: CliContext,
  folder: string,
  file: string | undefined,
  flags: EvaluateFlags,
): Promise<void> {
  const { loadRun } = await context.runs(flags.backend);
  const run = await loadRun(folder);
  if (run.kind === 'images') return evaluateImageRun(context, run, imageSource(file, flags.sql), flags);
  refuseImageOptions(flags);
  const source = tableSource(file, flags.sql);
  const evaluation = await run.evaluate(source);
  if (evaluation.unseenRows > 0) {
    await warn(
      context,
      `${formatCount(evaluation.unseenRows)} of ${formatCount(evaluation.rows)} rows hold a value that the fit never saw; their probability is 0, and the means leave them out`,
    );
  }
  await result(context, flags, evaluation, evaluationText(evaluation, 'rows'));
}
