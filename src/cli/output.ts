import type { CliContext, Output } from './context.js';

/** The options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly seed?: number;
}

/** Writes text and waits until the stream has taken it. */
export function write(stream: Output, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Says what a command found: one JSON object, or text for people, on stdout. A number that JSON
 * cannot hold (a log-likelihood of -Infinity) is null there.
 */
export function result(
  context: CliContext,
  options: CommonOptions,
  object: object,
  text: string,
): Promise<void> {
  return write(context.stdout, options.json === true ? `${JSON.stringify(object)}\n` : `${text}\n`);
}

/** One line on stderr that --quiet does not silence. */
export function warn(context: CliContext, message: string): Promise<void> {
  return write(context.stderr, `pushforward: warning: ${message.replace(/\s*\n\s*/g, ' ')}\n`);
}
