import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const url = (path: string): string => new URL(path, import.meta.url).href;
const here = fileURLToPath(new URL('.', import.meta.url));

/** Runs a program that has `tf` and the backend imported, in a process of its own. */
export async function run(program: string, env: Readonly<Record<string, string>> = {}) {
  const imports = `
    import { setBackend } from '${url('../../src/backend/index.js')}';
    import { tf } from '${url('../../src/tf.js')}';
  `;
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', imports + program], {
    cwd: here,
    env: { ...process.env, ...env },
  });
}
