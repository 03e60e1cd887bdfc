import { Argument, Command } from 'commander';
import { alignColumns, indent } from '../report/columns.js';
import { formatSeconds, formatValue } from '../report/numbers.js';
import type { Figure } from '../reproduce/experiment.js';
import type { Reproduction } from '../reproduce/index.js';
import { experimentNames } from '../reproduce/names.js';
import type { CliContext } from './context.js';
import { LiveLine } from './liveLine.js';
import { addBackendOption, addCommonOptions, type BackendOption, wholeNumber } from './options.js';
import { type CommonOptions, result } from './output.js';

interface ReproduceFlags extends CommonOptions, BackendOption {
  readonly quick?: boolean;
  readonly out?: string;
  readonly steps?: number;
  readonly runs?: number;
  readonly data?: string;
  readonly vae?: string;
  readonly resume?: boolean;
}

export function reproduceCommand(context: CliContext): Command {
  const command = new Command('reproduce')
    .summary('published experiments, with the published figures beside ours')
    .description('Runs a published experiment and prints its figures beside those of the paper.')
    .addArgument(new Argument('<experiment>', 'its name').choices(experimentNames))
    .option('--quick', 'minutes instead of the published budget')
    .option('--data <folder>', 'the files of MNIST, for experiments of that name')
    .option('--vae <folder>', 'a VAE saved by mnist-vae or mnist-vae-50, for experiments that start from one')
    .option('--out <folder>', 'where to write the figures as JSON, pictures and checkpoints')
    .option('--resume', 'go on from the checkpoints in --out, for experiments on MNIST')
    .option('--steps <n>', 'steps of each run, in place of the budget', wholeNumber(1))
    .option('--runs <n>', 'runs, each with a seed of its own, in place of the budget', wholeNumber(1));
  return addCommonOptions(addBackendOption(command), 'data, weights and draws')
    .addHelpText('after', '\nExample:\n  $ pushforward reproduce moons-realnvp --quick')
    .action((name: string, flags: ReproduceFlags) => run(context, name, flags));
}

async function run(context: CliContext, name: string, flags: ReproduceFlags): Promise<void> {
  const { reproduce } = await context.reproductions(flags.backend);
  const { quick = false, seed = 0, out, steps, runs, data, vae, resume = false } = flags;
  const progress = flags.quiet === true ? undefined : new Progress(context);
  const controller = new AbortController();
  const stopListening = context.onInterrupt(() => controller.abort());
  try {
    const reproduction = await reproduce(name, {
      quick,
      seed,
      resume,
      signal: controller.signal,
      ...(out === undefined ? {} : { out }),
      ...(steps === undefined ? {} : { steps }),
      ...(runs === undefined ? {} : { runs }),
      ...(data === undefined ? {} : { data }),
      ...(vae === undefined ? {} : { vae }),
      ...(progress === undefined ? {} : { onStep: (done, total) => progress.step(done, total) }),
    });
    progress?.close();
    await result(context, flags, reproduction, describe(reproduction));
  } finally {
    progress?.close();
    stopListening();
  }
}

/** A bar on a terminal; elsewhere a line at each tenth. */
class Progress {
  readonly #line: LiveLine;
  #tenths = 0;

  constructor(context: CliContext) {
    this.#line = new LiveLine(context);
  }

  step(done: number, total: number): void {
    this.#line.update(done, total, () => [`step ${done} of ${total}`]);
    const tenths = Math.floor((10 * done) / total);
    if (!this.#line.isLive && tenths > this.#tenths)
      this.#line.line(`${10 * tenths} %: step ${done} of ${total}`);
    this.#tenths = tenths;
  }

  close(): void {
    this.#line.close();
  }
}

function describe({ experiment, source, seconds, figures, remarks }: Reproduction): string {
  const rows = [['', 'here', 'published'], ...figures.map(row)];
  const table = alignColumns(rows, ['left', 'right', 'left']);
  const heading = `${experiment} (${source}), ${formatSeconds(seconds)}`;
  return [heading, indent(table), ...remarks].join('\n');
}

function row({ name, ours, spread, published = '' }: Figure): string[] {
  const value = formatValue(Number(ours.toPrecision(4)));
  return [
    name,
    spread === undefined ? value : `${value} ± ${formatValue(Number(spread.toPrecision(2)))}`,
    published,
  ];
}
