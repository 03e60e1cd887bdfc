#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import type { BackendName } from '../backend/names.js';
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
    await useBackend(backend);
    return import('../runs/index.js');
  },
  reproductions: async (backend) => {
    await useBackend(backend);
    return import('../reproduce/index.js');
  },
  tables: () => import('../data/writeTable.js'),
  images: () => import('../report/imageFiles.js'),
  environment: async () => (await import('./environment.js')).describeEnvironment(version),
  onInterrupt,
  now: () => performance.now(),
  debug: process.env.PUSHFORWARD_DEBUG === '1',
};

process.exitCode = await runCommandLine(process.argv.slice(2), context, version);

async function useBackend(name: BackendName | undefined): Promise<void> {
  const { setBackend } = await import('../backend/index.js');
  if (name !== undefined) await setBackend(name);
}

/** The first Ctrl-C asks; the second does not. */
function onInterrupt(handler: () => void): () => void {
  const listener = (): void => {
    process.off('SIGINT', listener);
    handler();
  };
  process.on('SIGINT', listener);
  return () => process.off('SIGINT', listener);
}
