import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { addonProblem } from '../../src/native/index.js';

const url = (path: string): string => new URL(path, import.meta.url).href;
const here = fileURLToPath(new URL('.', import.meta.url));

/** Runs a program that has the backend imported, in a process of its own. */
async function run(program: string, env: Readonly<Record<string, string>> = {}) {
  const imports = `
    import '${url('../../src/backend/index.js')}';
    import { tf } from '${url('../../src/tf.js')}';
  `;
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', imports + program], {
    cwd: here,
    env: { ...process.env, ...env },
  });
}

const SUM = 'console.log(tf.getBackend(), tf.sum(tf.add(tf.tensor1d([1, 2]), 1)).dataSync()[0]);';

test('where the addon loads, native is in use and nothing else is said', async (t) => {
  if (addonProblem() !== null) {
    t.log(`not tested: ${addonProblem()}`);
    t.pass();
    return;
  }
  t.deepEqual(await run(SUM), { stdout: 'native 5\n', stderr: '' });
});

test('without the addon, cpu is in use and one line says why', async (t) => {
  const { stdout, stderr } = await run(`${SUM} ${SUM}`, { PUSHFORWARD_NATIVE: 'off' });
  t.is(stdout, 'cpu 5\ncpu 5\n');
  t.regex(stderr, /^pushforward: .*PUSHFORWARD_NATIVE=off.*\n$/);
});

test('cpu can be chosen, without a greeting', async (t) => {
  const { stdout, stderr } = await run(`tf.setBackend('cpu'); ${SUM}`);
  t.is(stdout, 'cpu 5\n');
  t.notRegex(stderr, /TensorFlow/);
});
