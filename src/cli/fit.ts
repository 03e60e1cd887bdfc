import { Command, Option } from 'commander';
import type { ColumnKind } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import { alignColumns } from '../report/columns.js';
import { evaluationText } from '../report/evaluation.js';
import { formatCount, formatError, formatSeconds } from '../report/numbers.js';
import type { FitReport, FitTableOptions, Run } from '../runs/types.js';
import { defaultModel, type ModelName, modelNamed } from '../tables/catalogue.js';
import type { CliContext } from './context.js';
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

interface FitFlags extends CommonOptions, BackendOption {
  readonly out: string;
  readonly sql?: string;
  readonly column?: Readonly<Record<string, ColumnKind>>;
  readonly drop?: readonly string[];
  readonly header?: boolean;
  readonly model?: ModelName;
  readonly layers?: number;
  readonly hidden?: readonly number[];
  readonly bins?: number;
  readonly latent?: number;
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
    .summary('fit a model of a table')
    .description(
      'Fits a model of a table and writes its run folder: weights, schema, figures and two ONNX files.',
    )
    .argument('[table]', 'CSV, Parquet or JSON file, gzipped too')
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
    .addOption(new Option('--model <name>', `see below (default: ${defaultModel})`).argParser(modelNamed))
    .addOption(new Option('--layers <n>', 'layers of a flow').argParser(wholeNumber(1)))
    .addOption(
      new Option('--hidden <widths>', "widths of its networks' hidden layers, such as 64,64").argParser(
        widths,
      ),
    )
    .addOption(
      new Option('--bins <n>', 'bins of each spline, where there are splines').argParser(wholeNumber(2)),
    )
    .addOption(new Option('--latent <n>', 'length of the code of a vae').argParser(wholeNumber(1)))
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
  return addCommonOptions(addBackendOption(command), 'the split, the first weights and the batches')
    .addHelpText(
      'after',
      `\nModels:\n${modelList()}\n\nExample:\n  $ pushforward fit rows.csv --out run/ --column zip=categorical --drop id`,
    )
    .action((table: string | undefined, flags: FitFlags) => fit(context, table, flags));
}

async function fit(context: CliContext, table: string | undefined, flags: FitFlags): Promise<void> {
  const source = tableSource(table, flags.sql);
  checkTogether(flags);
  const { fitTable } = await context.runs(flags.backend);

  const warnings: string[] = [];
  const progress = flags.quiet === true ? undefined : new FitProgress(context);
  const controller = new AbortController();
  const stopListening = context.onInterrupt(() => {
    progress?.line('stopping after this step; press Ctrl-C again to stop at once');
    controller.abort();
  });
  let run: Run;
  try {
    run = await fitTable(source, {
      ...fitOptions(flags),
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
  await result(context, flags, { ...run.report, warnings }, describeFit(run.report));
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

/** The flags that are the library's options; commander leaves out those that were not given. */
function fitOptions(flags: FitFlags): FitTableOptions {
  const { json, quiet, backend, sql, column, model: name, layers, hidden, bins, latent, ...options } = flags;
  const model = Object.fromEntries(
    Object.entries({ name, layers, hidden, bins, latent }).filter(([, value]) => value !== undefined),
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
          `${formatCount(train)} to fit, ${formatCount(validation)} to stop, ${formatCount(test)} held out`,
        ],
        ...(report.model === null ? [] : [['model', report.model]]),
        ['epochs', `${report.epochs}, the best was ${report.bestEpoch}`],
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
