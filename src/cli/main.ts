#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import type { CliContext } from './context.js';
import { runCommandLine } from './run.js';

// Every write below waits for its own outcome; without a listener the stream would throw besides.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

const context: CliContext = {
  stdout: process.stdout,
  stderr: process.stderr,
  runs: async (backend) => {
    const { setBackend } = await import('../backend/index.js');
    if (backend !== undefined) await setBackend(backend);
    return import('../runs/index.js');
  },
  tables: () => import('../data/writeTable.js'),
  environment: async () => (await import('./environment.js')).describeEnvironment(version),
  onInterrupt,
  now: () => performance.now(),
  debug: process.env.PUSHFORWARD_DEBUG === '1',
};

process.exitCode = await runCommandLine(process.argv.slice(2), context, version);

/** The first Ctrl-C asks; the second does not. */
function onInterrupt(handler: () => void): () => void {
  const listener = (): void => {
    process.off('SIGINT', listener);
    handler();
  };
  process.on('SIGINT', listener);
  return () => process.off('SIGINT', listener);
}
