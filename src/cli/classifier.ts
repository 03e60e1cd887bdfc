import { Command, Option } from 'commander';
import { describeImageShape } from '../imageShape.js';
import { formatCount, formatSeconds } from '../report/numbers.js';
import type { ClassifierReport } from '../runs/images/classifierFile.js';
import type { CliContext } from './context.js';
import { addImageReadOptions, type ImageReadFlags, imageReadOptions } from './imageOptions.js';
import {
  addBackendOption,
  addCommonOptions,
  type BackendOption,
  givenFlags,
  wholeNumber,
} from './options.js';
import { type CommonOptions, result } from './output.js';
import { watched } from './watched.js';

interface ClassifierFlags extends CommonOptions, BackendOption, ImageReadFlags {
  readonly out: string;
  readonly epochs?: number;
}

export function classifierCommand(context: CliContext): Command {
  const command = new Command('classifier')
    .summary('fit a classifier of labelled images, to compare images on its features')
    .description(
      'Fits a small classifier to labelled images, a tenth of them held out, and writes it to one file for evaluate --classifier.',
    )
    .argument(
      '<images>',
      'IDX with its labels beside it, NPZ or CIFAR file, or a folder of these or of a folder to a class',
    )
    .addOption(new Option('--out <file>', 'the file to write: digits.safetensors').makeOptionMandatory())
    .addOption(
      new Option('--epochs <n>', 'passes over the training images (default: 6)').argParser(wholeNumber(1)),
    );
  return addCommonOptions(
    addBackendOption(addImageReadOptions(command)),
    'the split, the first weights and the batches',
  )
    .addHelpText(
      'after',
      '\nExample:\n  $ pushforward classifier train-images-idx3-ubyte.gz --out digits.safetensors\n  $ pushforward evaluate run/ t10k-images-idx3-ubyte.gz --classifier digits.safetensors',
    )
    .action((source: string, flags: ClassifierFlags) => fit(context, source, flags));
}

async function fit(context: CliContext, source: string, flags: ClassifierFlags): Promise<void> {
  const { fitClassifier } = await context.runs(flags.backend);
  const options = { ...imageReadOptions(flags), ...givenFlags(flags, ['epochs', 'seed']), out: flags.out };
  const { run: report, warnings } = await watched(context, flags, (hooks) =>
    fitClassifier(source, { ...options, ...hooks }),
  );
  return result(context, flags, { ...report, warnings }, describe(report));
}

function describe({ out, shape, classes, split, accuracy, seconds }: ClassifierReport): string {
  const right = `${(100 * accuracy).toFixed(1)} % of ${formatCount(split.validation)} held-out images right`;
  const of = `images of ${describeImageShape(shape)} in ${classes.length} classes`;
  return `a classifier of ${of}, ${right}, in ${formatSeconds(seconds)}: ${out}`;
}
