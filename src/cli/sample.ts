import { Command, Option } from 'commander';
import { formatCsv, formatJson } from '../data/formatTable.js';
import { formatCount } from '../report/numbers.js';
import type { CliContext } from './context.js';
import { refuseImageOptions } from './imageOptions.js';
import { sampleImages } from './imageRuns.js';
import {
  addBackendOption,
  addCommonOptions,
  type BackendOption,
  nonNegativeNumber,
  wholeNumber,
} from './options.js';
import { type CommonOptions, result, write } from './output.js';

interface SampleFlags extends CommonOptions, BackendOption {
  readonly rows: number;
  readonly out?: string;
  readonly temperature?: number;
  readonly condition?: string;
}

export function sampleCommand(context: CliContext): Command {
  const command = new Command('sample')
    .summary('draw new rows or images')
    .description(
      'Draws from a fitted model: new rows with the columns, types and units of the table it was fitted on, or ' +
        'new images. The same seed draws the same rows; give another for others.',
    )
    .argument('<run>', 'run folder of a fit')
    .addOption(
      new Option('-n, --rows <n>', 'rows or images to draw').argParser(wholeNumber(1)).makeOptionMandatory(),
    )
    .option(
      '--out <file>',
      'write .csv, .parquet or .json (default: CSV on stdout); images: .png with all, .npy, .npz or a folder',
    )
    .addOption(
      new Option(
        '--temperature <x>',
        'factor on the spread of the latent draw; below 1 keeps to the likely (default: 1)',
      ).argParser(nonNegativeNumber),
    )
    .addOption(
      new Option(
        '--condition <class>',
        'class of the images, of a model of classes, or all for as many of each (default: by their shares of the data)',
      ),
    );
  return addCommonOptions(addBackendOption(command), 'the draw')
    .addHelpText(
      'after',
      '\nExample:\n  $ pushforward sample run/ -n 1000 --seed 7 --out new.csv\n  $ pushforward sample run/ -n 64 --out grid.png',
    )
    .action((folder: string, flags: SampleFlags) => sample(context, folder, flags));
}

async function sample(context: CliContext, folder: string, flags: SampleFlags): Promise<void> {
  const { loadRun } = await context.runs(flags.backend);
  const run = await loadRun(folder);
  if (run.kind === 'images') return sampleImages(context, run, flags);
  refuseImageOptions(flags);
  const seed = flags.seed ?? 0;
  const table = await run.sample(flags.rows, {
    seed,
    ...(flags.temperature === undefined ? {} : { temperature: flags.temperature }),
  });
  if (flags.out !== undefined) {
    const { writeTable } = await context.tables();
    await writeTable(table, flags.out);
    const said = `${formatCount(table.rows)} new rows in ${flags.out}`;
    return result(context, flags, { rows: table.rows, seed, out: flags.out }, said);
  }
  if (flags.json === true)
    return result(
      context,
      flags,
      { rows: table.rows, seed, samples: JSON.parse(formatJson(table, false)) },
      '',
    );
  return write(context.stdout, formatCsv(table));
}
