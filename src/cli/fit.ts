import { Command, Option } from 'commander';
import { isImagePath } from '../data/images/imagePath.js';
import type { ColumnKind } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import { alignColumns } from '../report/columns.js';
import { evaluationText } from '../report/evaluation.js';
import { formatCount, formatError, formatSeconds } from '../report/numbers.js';
import { defaultImageModel } from '../runs/images/catalogue.js';
import type { FitEvent, FitReport, FitTableOptions } from '../runs/types.js';
import { defaultModel, modelNamed } from '../tables/catalogue.js';
import type { CliContext } from './context.js';
import { addImageFitOptions, type ImageFitFlags, imageFitOptions, imageModelList } from './imageOptions.js';
import { describeImageFit } from './imageRuns.js';
import {
  addBackendOption,
  addCommonOptions,
  type BackendOption,
  collect,
  columnKind,
  modelList,
  positiveNumber,
  share,
  tableSource,
  wholeNumber,
  widths,
} from './options.js';
import { type CommonOptions, result, warn } from './output.js';
import { FitProgress } from './progress.js';

interface FitFlags extends CommonOptions, BackendOption, ImageFitFlags {
  readonly out: string;
  readonly sql?: string;
  readonly column?: Readonly<Record<string, ColumnKind>>;
  readonly drop?: readonly string[];
  readonly header?: boolean;
  readonly model?: string;
  readonly layers?: number;
  readonly hidden?: readonly number[];
  readonly bins?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly patience?: number;
  readonly validation?: number;
  readonly test?: number;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

export function fitCommand(context: CliContext): Command {
  const command = new Command('fit')
    .summary('fit a model of a table or of images')
    .description(
      'Fits a model of a table or of images and writes its run folder: weights, figures, pictures of images, ONNX files.',
    )
    .argument(
      '[data]',
      'CSV, Parquet or JSON file, gzipped too; or images: IDX, NPY, NPZ or CIFAR file, a folder of these or of pictures',
    )
    .option('--out <folder>', 'the run folder to make', 'run')
    .option(
      '--sql <query>',
      "rows of a query instead of a file; its from may name files: select * from 'x.parquet'",
    )
    .addOption(
      new Option('--column <name=kind>', 'override the kind of a column; may be repeated').argParser(
        columnKind,
      ),
    )
    .addOption(new Option('--drop <name>', 'leave a column out; may be repeated').argParser(collect))
    .option('--header', 'the first row of a CSV names the columns (default: found out)')
    .option('--no-header', 'the first row of a CSV is a row like the others')
    .option('--model <name>', `see below (default: ${defaultModel}, of images ${defaultImageModel})`)
    .addOption(new Option('--layers <n>', 'layers of a flow').argParser(wholeNumber(1)))
    .addOption(
      new Option('--hidden <widths>', "widths of its networks' hidden layers, such as 64,64").argParser(
        widths,
      ),
    )
    .addOption(
      new Option('--bins <n>', 'bins of each spline, where there are splines').argParser(wholeNumber(2)),
    )
    .addOption(new Option('--epochs <n>', 'most passes over the training rows').argParser(wholeNumber(1)))
    .addOption(new Option('--batch-size <n>', 'rows in a step').argParser(wholeNumber(1)))
    .addOption(new Option('--learning-rate <x>', 'learning rate at its highest').argParser(positiveNumber))
    .addOption(
      new Option('--patience <n>', 'epochs without a better validation likelihood before it stops').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(
      new Option(
        '--validation <share>',
        'share of the rows that decides when to stop (default: 0.1)',
      ).argParser(share),
    )
    .addOption(
      new Option('--test <share>', 'share of the rows that is never fitted (default: 0.1)').argParser(share),
    )
    .option('--resume', 'go on from the last checkpoint of the run folder')
    .option('--overwrite', 'replace the run folder if it is there');
  addImageFitOptions(command);
  return addCommonOptions(addBackendOption(command), 'the split, the first weights and the batches')
    .addHelpText(
      'after',
      `\nModels of tables:\n${modelList()}\n\nModels of images:\n${imageModelList()}\n\nExample:\n  $ pushforward fit rows.csv --out run/ --column zip=categorical --drop id\n  $ pushforward fit train-images-idx3-ubyte.gz --model vae --out run/`,
    )
    .action((table: string | undefined, flags: FitFlags) => fit(context, table, flags));
}

async function fit(context: CliContext, data: string | undefined, flags: FitFlags): Promise<void> {
  checkTogether(flags);
  if (data !== undefined && flags.sql === undefined && (await isImagePath(data))) {
    refuse(flags, tableFlags, 'tables');
    const options = imageFitOptions(flags);
    const { fitImages } = await context.runs(flags.backend);
    const { run, warnings } = await watched(context, flags, (hooks) =>
      fitImages(data, { ...options, ...hooks }),
    );
    return result(context, flags, { ...run.report, warnings }, describeImageFit(run.report));
  }
  const source = tableSource(data, flags.sql);
  refuse(flags, imageFlags, 'images');
  const options = fitOptions(flags);
  const { fitTable } = await context.runs(flags.backend);
  const { run, warnings } = await watched(context, flags, (hooks) =>
    fitTable(source, { ...options, ...hooks }),
  );
  return result(context, flags, { ...run.report, warnings }, describeFit(run.report));
}

/** What a fit is given by the command. */
interface FitHooks {
  readonly signal: AbortSignal;
  readonly onEvent: (event: FitEvent) => void;
}

/** Runs a fit with its progress shown and Ctrl-C listened to. */
async function watched<Run>(
  context: CliContext,
  flags: FitFlags,
  fitWith: (hooks: FitHooks) => Promise<Run>,
): Promise<{ run: Run; warnings: readonly string[] }> {
  const warnings: string[] = [];
  const progress = flags.quiet === true ? undefined : new FitProgress(context);
  const controller = new AbortController();
  const stopListening = context.onInterrupt(() => {
    progress?.line('stopping after this step; press Ctrl-C again to stop at once');
    controller.abort();
  });
  let run: Run;
  try {
    run = await fitWith({
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'warning') warnings.push(event.message);
        progress?.handle(event);
      },
    });
  } finally {
    progress?.close();
    stopListening();
  }
  if (progress === undefined) for (const message of warnings) await warn(context, message);
  return { run, warnings };
}

const tableFlags = ['column', 'drop', 'header', 'layers', 'hidden', 'bins'] as const;
const imageFlags = ['likelihood', 'part', 'limit', 'size', 'channels'] as const;

/** @throws PushforwardError `usage` for an option that is for the other kind of data. */
function refuse(flags: FitFlags, others: readonly (keyof FitFlags)[], owner: string): void {
  const found = others.find((name) => flags[name] !== undefined);
  if (found === undefined) return;
  throw new PushforwardError('usage', `--${found} is for ${owner}`, { mend: 'leave it out' });
}

/** What no single option can say of itself. */
function checkTogether(flags: FitFlags): void {
  if (flags.resume === true && flags.overwrite === true) {
    throw new PushforwardError('usage', '--resume goes on with a run that --overwrite would delete', {
      mend: 'give one of them',
    });
  }
  const dropped = flags.drop?.find((name) => Object.hasOwn(flags.column ?? {}, name));
  if (dropped !== undefined) {
    throw new PushforwardError('usage', `column ${dropped} is given to both --drop and --column`, {
      mend: 'give it to one of them',
    });
  }
}

/** The flags that are options of a table's fit; commander leaves out those that were not given. */
function fitOptions(flags: FitFlags): FitTableOptions {
  const {
    json,
    quiet,
    backend,
    sql,
    column,
    model: given,
    layers,
    hidden,
    bins,
    latent,
    pac,
    ...others
  } = flags;
  const { likelihood, part, limit, size, channels, ...options } = others;
  const name = given === undefined ? undefined : modelNamed(given);
  const model = Object.fromEntries(
    Object.entries({ name, layers, hidden, bins, latent, pac }).filter(([, value]) => value !== undefined),
  );
  return {
    ...options,
    ...(column === undefined ? {} : { columns: column }),
    ...(Object.keys(model).length === 0 ? {} : { model }),
  };
}

function describeFit(report: FitReport): string {
  const { train, validation, test } = report.split;
  return [
    evaluationText(report, 'held-out rows'),
    '',
    alignColumns(
      [
        [
          'rows',
          `${formatCount(train)} to fit, ${formatCount(validation)} to ${report.bestEpoch === null ? 'watch' : 'stop'}, ${formatCount(test)} held out`,
        ],
        ...(report.model === null ? [] : [['model', report.model]]),
        [
          'epochs',
          report.bestEpoch === null
            ? `${report.epochs}`
            : `${report.epochs}, the best was ${report.bestEpoch}`,
        ],
        ['time', `${formatSeconds(report.seconds)} on ${report.backend}`],
        [
          'ONNX',
          `within ${formatError(report.onnx.maxRelativeError)} of the model on ${formatCount(report.onnx.rows)} rows`,
        ],
        ['files', `${report.folder}: ${report.files.join(', ')}`],
      ],
      ['left', 'left'],
    ),
  ].join('\n');
}
