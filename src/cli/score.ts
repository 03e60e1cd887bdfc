import { Command } from 'commander';
import { formatCsv } from '../data/formatTable.js';
import type { Table } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import { checkWritable } from '../files.js';
import { formatCount } from '../report/numbers.js';
import type { Scores } from '../runs/types.js';
import type { CliContext } from './context.js';
import { addImageScoreOptions, refuseImageOptions } from './imageOptions.js';
import { type ImageScoreFlags, imageSource, scoreImages } from './imageRuns.js';
import { addBackendOption, addCommonOptions, type BackendOption, tableSource } from './options.js';
import { result, warn, write } from './output.js';

interface ScoreFlags extends ImageScoreFlags, BackendOption {
  readonly out?: string;
  readonly sql?: string;
}

const scoreColumn = 'log_prob';

export function scoreCommand(context: CliContext): Command {
  const command = new Command('score')
    .summary('log-density of each row of a table, or of each image')
    .description(
      `Gives the rows of a table with one column more, ${scoreColumn}: the natural log-density of the row, in nats. Low is unusual. Of images it gives a table with a row each: the estimate, its lower bound and bits for each number.`,
    )
    .argument('<run>', 'run folder of a fit')
    .argument('[data]', 'CSV, Parquet or JSON file with the columns of the fit, or images of its size')
    .option('--out <file>', 'write .csv, .parquet or .json (default: CSV on stdout)')
    .option('--sql <query>', 'rows of a query instead of a file');
  return addCommonOptions(addBackendOption(addImageScoreOptions(command)), 'the draws for images')
    .addHelpText(
      'after',
      '\nExample:\n  $ pushforward score run/ other.csv --out scored.csv\n  $ pushforward score run/ t10k-images-idx3-ubyte.gz --samples 500',
    )
    .action((folder: string, table: string | undefined, flags: ScoreFlags) =>
      score(context, folder, table, flags),
    );
}

async function score(
  context: CliContext,
  folder: string,
  file: string | undefined,
  flags: ScoreFlags,
): Promise<void> {
  const { loadRun } = await context.runs(flags.backend);
  const run = await loadRun(folder);
  if (run.kind === 'images') return scoreImages(context, run, imageSource(file, flags.sql), flags);
  refuseImageOptions(flags);
  const source = tableSource(file, flags.sql);
  if (flags.out !== undefined) await checkWritable(flags.out);
  const scores = await run.score(source);
  const unseenRows = scores.unseen.reduce((sum, flag) => sum + flag, 0);
  if (unseenRows > 0) {
    await warn(
      context,
      `${formatCount(unseenRows)} of ${formatCount(scores.table.rows)} rows hold a value that the fit never saw; their ${scoreColumn} is -Infinity`,
    );
  }
  const { latentSamples } = scores;
  const found = { rows: scores.table.rows, unseenRows, latentSamples };
  if (flags.json === true && flags.out === undefined) {
    return result(context, flags, { ...found, logProb: Array.from(scores.logProb) }, '');
  }
  const scored = withScores(scores);
  if (flags.out === undefined) {
    // The rows are all that goes to stdout.
    const note = estimated(latentSamples);
    if (note !== '' && flags.quiet !== true) await write(context.stderr, `${scoreColumn}${note}\n`);
    return write(context.stdout, formatCsv(scored));
  }
  const { writeTable } = await context.tables();
  await writeTable(scored, flags.out);
  return result(
    context,
    flags,
    { ...found, out: flags.out },
    `${formatCount(found.rows)} scored rows in ${flags.out}${estimated(latentSamples)}`,
  );
}

/** What is to be said of scores that are estimates. */
function estimated(draws: number | null): string {
  return draws === null ? '' : `: estimates with ${draws} draws a row, on average below the log-density`;
}

function withScores({ table, logProb }: Scores): Table {
  if (table.columns.some((column) => column.name === scoreColumn)) {
    throw new PushforwardError('input', `it has a column ${scoreColumn} already`, {
      where: table.source,
      mend: 'rename or drop that column first',
    });
  }
  return { ...table, columns: [...table.columns, { name: scoreColumn, type: 'number', values: logProb }] };
}
