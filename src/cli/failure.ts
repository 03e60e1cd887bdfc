import { CommanderError } from 'commander';
import { type ErrorCode, PushforwardError } from '../errors.js';

/** A failure as the command line reports it. */
export interface Failure {
  readonly exitCode: number;
  readonly code: ErrorCode | 'unexpected';
  /** One line: place, what was wrong, the mend. */
  readonly message: string;
  readonly where: string | null;
  readonly mend: string | null;
  readonly stack: string | undefined;
}

/**
 * 2 is what the user can put right in the command or its files; 1 is a request that was in order and
 * failed all the same; 130 is what shells say of a command that Ctrl-C ended.
 */
const exitCodes: Readonly<Record<ErrorCode, number>> = {
  usage: 2,
  input: 2,
  shape: 2,
  damaged: 2,
  numeric: 1,
  unsupported: 1,
  disagreement: 1,
  aborted: 130,
};

/** `help` is the command line that explains the command in hand, for one that was given wrong options. */
export function describeFailure(error: unknown, help: string): Failure {
  const stack = error instanceof Error ? error.stack : undefined;
  if (error instanceof PushforwardError) {
    return {
      exitCode: exitCodes[error.code],
      code: error.code,
      message: oneLine(error.message),
      where: error.where ?? null,
      mend: error.mend ?? null,
      stack,
    };
  }
  if (error instanceof CommanderError) {
    const what =
      error.code === 'commander.help' ? 'no command is given' : error.message.replace(/^error: /, '');
    const mend = `see ${help}`;
    return { exitCode: 2, code: 'usage', message: `${clause(what)}; ${mend}`, where: null, mend, stack };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const mend = 'run again with PUSHFORWARD_DEBUG=1 to see where it happened';
  return {
    exitCode: 1,
    code: 'unexpected',
    message: `${oneLine(message)}; ${mend}`,
    where: null,
    mend,
    stack,
  };
}

/** On one line, without the full stop that what follows would come after. */
function clause(text: string): string {
  return oneLine(text).replace(/[.]$/, '');
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
