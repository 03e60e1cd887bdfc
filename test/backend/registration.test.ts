import test from 'ava';
import { addonProblem } from '../../src/native/index.js';
import { run } from './child.js';

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
  const { stdout, stderr } = await run(`await setBackend('cpu'); ${SUM}`);
  t.is(stdout, 'cpu 5\n');
  t.notRegex(stderr, /TensorFlow/);
});

test('a backend that is not there is refused, and what was in use stays', async (t) => {
  const program = `
    for (const name of ['native', 'webgpu']) {
      await setBackend(name).catch((error) => console.log(error.code, error.message));
    }
    ${SUM}
  `;
  const { stdout } = await run(program, { PUSHFORWARD_NATIVE: 'off' });
  t.regex(stdout, /^unsupported [^\n]*PUSHFORWARD_NATIVE=off[^\n]*\nusage [^\n]*webgpu; [^\n]*\ncpu 5\n$/);
});
