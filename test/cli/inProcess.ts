import '../../src/backend/index.js';
import type { CliContext } from '../../src/cli/context.js';
import { describeEnvironment } from '../../src/cli/environment.js';
import { runCommandLine } from '../../src/cli/run.js';
import * as tables from '../../src/data/writeTable.js';
import * as images from '../../src/report/imageFiles.js';
import * as runs from '../../src/runs/index.js';
import type { Finished } from './binary.js';
import { Recorder } from './fake.js';

/** Runs a command with all that the real one has, in this process, which is sooner than starting one for each. */
export async function runHere(argv: readonly string[]): Promise<Finished> {
  const [stdout, stderr] = [new Recorder(), new Recorder()];
  const context: CliContext = {
    stdout,
    stderr,
    runs: async () => runs,
    reproductions: () => Promise.reject(new Error('no experiment is to be run')),
    tables: async () => tables,
    images: async () => images,
    environment: () => describeEnvironment('1.2.3'),
    onInterrupt: () => () => {},
    now: () => performance.now(),
    debug: false,
  };
  const code = await runCommandLine(argv, context, '1.2.3');
  return { code, stdout: stdout.text, stderr: stderr.text };
}
