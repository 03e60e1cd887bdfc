import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const commandFile = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Processes that run at a time; each loads TensorFlow.js, DuckDB and ONNX Runtime. */
const slots = 2;
let running = 0;
const waiting: (() => void)[] = [];

/**
 * Runs the real command in a process of its own, in `folder`. Once `until` is in what it wrote to
 * stderr, it gets the signal.
 */
export async function pushforward(
  folder: string,
  argv: readonly string[],
  interruption?: { readonly until: RegExp; readonly signal: NodeJS.Signals },
): Promise<Finished> {
  if (running >= slots) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [commandFile, ...argv], {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let interrupted = false;
      const output = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          output[name] += text;
          if (!interrupted && interruption?.until.test(output.stderr)) {
            interrupted = child.kill(interruption.signal);
          }
        });
      }
      child.on('error', reject).on('close', (code) => resolve({ code, ...output }));
    });
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** An empty folder that goes when the process does. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pushforward-cli-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
