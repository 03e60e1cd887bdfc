import { PushforwardError } from '../errors.js';

/** What DuckDB says of a bad line of a CSV, as far as it says it. */
export interface CsvFault {
  readonly line: number;
  readonly what: string;
  readonly mend: string;
}

/** Finds the line and the fault in DuckDB's message about a CSV. */
export function csvFault(error: unknown): CsvFault | null {
  const message = messageOf(error);
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  if (line === undefined) return null;
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (columns !== null) {
    const [, expected, found] = columns.map(Number) as [number, number, number];
    // DuckDB stops counting at the first value too many.
    const [count, more] = found > expected ? [expected, 'more than '] : [found, ''];
    return {
      line: Number(line),
      what: `${more}${count} ${count === 1 ? 'value' : 'values'} where the first line has ${expected}`,
      mend: 'give each row as many values as there are columns',
    };
  }
  if (/unterminated quote/i.test(message)) {
    return {
      line: Number(line),
      what: 'a quote that never closes',
      mend: 'close it, or double a quote inside',
    };
  }
  if (/unicode|utf-8/i.test(message)) {
    return { line: Number(line), what: 'not UTF-8 text', mend: 'save the file as UTF-8' };
  }
  return { line: Number(line), what: firstSentence(message), mend: 'mend that line' };
}

/** What the system says of a file that cannot be opened or read, as one of ours. */
export function fileFailure(path: string, cause: unknown): PushforwardError {
  if (cause instanceof PushforwardError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
  return new PushforwardError('input', isAbsent ? 'no such file' : `cannot be read (${code ?? cause})`, {
    where: path,
    mend: isAbsent ? 'check the path' : 'check its permissions',
    cause,
  });
}

/** DuckDB's failure as one of ours, its essence in one line. */
export function duckdbFailure(error: unknown, where: string, mend: string): PushforwardError {
  if (error instanceof PushforwardError) return error;
  return new PushforwardError('input', firstSentence(messageOf(error)), { where, mend, cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message without the kind of error, the excerpt of the query and the list of advice. */
function firstSentence(message: string): string {
  const unread = /Error when sniffing file "([^"]*)"/.exec(message)?.[1];
  if (unread !== undefined) return `the rows of ${unread} differ in shape`;
  const essence = message
    .replace(/^(Failed to extract statements: )?[A-Z][A-Za-z ]*(Error|Exception): /, '')
    .split(/\n\s*\n|\n\s*LINE \d+:|\nPossible|\nOriginal Line|\s*Candidate functions/)[0] as string;
  const line = essence.replace(/\s+/g, ' ').trim();
  return line.length > 240 ? `${line.slice(0, 239)}…` : line;
}
