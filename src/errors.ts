/**
 * What went wrong, in one of the kinds a caller can act on.
 *
 * `usage` wrong options or arguments; `input` a file, table or value that cannot be used; `shape` a
 * tensor or buffer of the wrong shape or type; `numeric` a loss or density that is not finite;
 * `unsupported` a request this build or model cannot serve; `damaged` a file that is not what it
 * claims to be; `disagreement` two runtimes that should give the same figures and do not; `aborted` work
 * that the caller stopped.
 */
export type ErrorCode =
  | 'usage'
  | 'input'
  | 'shape'
  | 'numeric'
  | 'unsupported'
  | 'damaged'
  | 'disagreement'
  | 'aborted';

export interface ErrorDetails {
  /** The place: file, column, row, layer or step, as far as it is known. */
  readonly where?: string;
  /** What the reader can do about it, one imperative sentence. */
  readonly mend?: string;
  readonly cause?: unknown;
}

/** Every failure the library expects. Its message is one line: place, what was wrong, the mend. */
export class PushforwardError extends Error {
  readonly code: ErrorCode;
  /** What was wrong, without the place and the mend. */
  readonly what: string;
  readonly where: string | undefined;
  readonly mend: string | undefined;

  constructor(code: ErrorCode, what: string, details: ErrorDetails = {}) {
    const place = details.where === undefined ? '' : `${details.where}: `;
    const mend = details.mend === undefined ? '' : `; ${details.mend}`;
    super(`${place}${what}${mend}`, { cause: details.cause });
    this.name = 'PushforwardError';
    this.code = code;
    this.what = what;
    this.where = details.where;
    this.mend = details.mend;
  }
}

/** Something that a fit saved and that is not what it claims to be. */
export function damagedFile(where: string, what: string, cause?: unknown): PushforwardError {
  return new PushforwardError('damaged', what, {
    where,
    mend: 'restore the file from a copy or fit again',
    cause,
  });
}
