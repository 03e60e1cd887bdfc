import { Command, Option } from 'commander';
import { isImagePath } from '../data/images/imagePath.js';
import type { ColumnKind } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import { defaultImageModel } from '../runs/images/catalogue.js';
import type { FitImagesOptions } from '../runs/images/types.js';
import type { FitTableOptions, ModelOptions } from '../runs/types.js';
import { defaultModel, modelNamed } from '../tables/catalogue.js';
import type { CliContext } from './context.js';
import { describeFit } from './describeFit.js';
import {
  addImageFitOptions,
  type ImageFitFlags,
  imageFitOptions,
  imageModelList,
  refuseImageOptions,
} from './imageOptions.js';
import {
  addBackendOption,
  addCommonOptions,
  type BackendOption,
  collect,
  columnKind,
  givenFlags,
  modelList,
  positiveNumber,
  refuseFlagsOf,
  share,
  tableSource,
  wholeNumber,
  widths,
} from './options.js';
import { type CommonOptions, result } from './output.js';
import { watched } from './watched.js';

/** The options of a fit that are for tables alone. */
interface TableFitFlags {
  readonly sql?: string;
  readonly column?: Readonly<Record<string, ColumnKind>>;
  readonly drop?: readonly string[];
  readonly header?: boolean;
  readonly layers?: number;
  readonly hidden?: readonly number[];
  readonly bins?: number;
}

interface FitFlags extends CommonOptions, BackendOption, TableFitFlags, ImageFitFlags {
  readonly out: string;
  readonly model?: string;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly patience?: number;
  readonly validation?: number;
  readonly test?: number;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
}

/** The flags that say nothing of images. */
const tableFlags: Readonly<Record<keyof TableFitFlags, true>> = {
  sql: true,
  column: true,
  drop: true,
  header: true,
  layers: true,
  hidden: true,
  bins: true,
};

/** The flags that are options of every fit by their own names. */
const commonFlags = [
  'out',
  'resume',
  'overwrite',
  'seed',
  'epochs',
  'batchSize',
  'learningRate',
  'patience',
  'validation',
  'test',
] as const satisfies readonly (keyof FitFlags & keyof FitTableOptions & keyof FitImagesOptions)[];

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
  if (data !== undefined && (await isImagePath(data))) {
    refuseFlagsOf('tables', flags, Object.keys(tableFlags));
    const options = { ...givenFlags(flags, commonFlags), ...imageFitOptions(flags) };
    const { fitImages } = await context.runs(flags.backend);
    const { run, warnings } = await watched(context, flags, (hooks) =>
      fitImages(data, { ...options, ...hooks }),
    );
    return result(context, flags, { ...run.report, warnings }, describeFit(run.report));
  }
  const source = tableSource(data, flags.sql);
  refuseImageOptions(flags);
  const options = { ...givenFlags(flags, commonFlags), ...tableFitOptions(flags) };
  const { fitTable } = await context.runs(flags.backend);
  const { run, warnings } = await watched(context, flags, (hooks) =>
    fitTable(source, { ...options, ...hooks }),
  );
  return result(context, flags, { ...run.report, warnings }, describeFit(run.report));
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

/** The flags of a fit that are the library's options for tables alone. */
function tableFitOptions(flags: FitFlags): FitTableOptions {
  const { model: name, column: columns } = flags;
  const model = {
    ...(name === undefined ? {} : { name: modelNamed(name) }),
    ...givenFlags(flags, ['layers', 'hidden', 'bins', 'latent', 'pac']),
  };
  return {
    ...givenFlags(flags, ['drop', 'header']),
    ...(columns === undefined ? {} : { columns }),
    ...(Object.keys(model).length === 0 ? {} : { model: model as ModelOptions }),
  };
}
