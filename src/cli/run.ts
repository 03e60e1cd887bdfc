import { Command, CommanderError } from 'commander';
import { classifierCommand } from './classifier.js';
import type { CliContext } from './context.js';
import { evaluateCommand } from './evaluate.js';
import { exportCommand } from './export.js';
import { describeFailure, type Failure } from './failure.js';
import { fitCommand } from './fit.js';
import { infoCommand } from './info.js';
import { write } from './output.js';
import { reproduceCommand } from './reproduce.js';
import { sampleCommand } from './sample.js';
import { scoreCommand } from './score.js';

/**
 * Runs one command line (without `node` and the script) and gives its exit code: 0 done, 1 failed,
 * 2 wrong usage or input, 130 stopped by Ctrl-C.
 */
export async function runCommandLine(
  argv: readonly string[],
  context: CliContext,
  version: string,
): Promise<number> {
  const written: Promise<void>[] = [];
  const program = new Command('pushforward')
    .description(
      'Fits deep generative models to tables and images: densities, anomaly scores, new rows and images, ONNX files.',
    )
    .version(version)
    .addHelpText(
      'after',
      '\nExample:\n  $ pushforward fit rows.csv --out run/\n  $ pushforward sample run/ -n 1000 --out new.csv',
    );
  const commands = [
    fitCommand,
    sampleCommand,
    scoreCommand,
    evaluateCommand,
    exportCommand,
    classifierCommand,
    reproduceCommand,
    infoCommand,
  ];
  for (const create of commands) program.addCommand(create(context));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => written.push(write(context.stdout, text)),
      // Errors are printed below, as one line.
      writeErr: () => {},
      outputError: () => {},
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    await Promise.all(written);
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (isClosedPipe(error)) return 0;
    const named = program.commands.find((command) => command.name() === argv[0]);
    const help = `pushforward ${named === undefined ? '' : `${named.name()} `}--help`;
    return report(describeFailure(error, help), context, argv.includes('--json'));
  }
}

async function report(failure: Failure, context: CliContext, json: boolean): Promise<number> {
  await write(context.stderr, `pushforward: ${failure.message}\n`);
  if (context.debug && failure.stack !== undefined) await write(context.stderr, `${failure.stack}\n`);
  if (json) {
    const { code, message, where, mend } = failure;
    await write(context.stdout, `${JSON.stringify({ error: { code, message, where, mend } })}\n`);
  }
  return failure.exitCode;
}

/** A reader that has seen enough, as `head` has, is no failure. */
function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
