import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { commandFile } from '../cli/binary.js';
import { run } from './child.js';

const require = createRequire(import.meta.url);
const root = mkdtempSync(join(tmpdir(), 'pushforward-tensorflow-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

/** A folder of packages in which `@tensorflow/tfjs-node` is this program. */
function packageOf(name: string, program: string): Readonly<Record<string, string>> {
  const folder = join(root, name, '@tensorflow', 'tfjs-node');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.js'), program);
  return { NODE_PATH: join(root, name) };
}

/**
 * What the real one does: it loads tfjs once more, and registers a backend (here the one of the CPU) whose
 * kernels read all their inputs, so that one that has been freed throws.
 */
const other = packageOf(
  'other',
  `for (const file of Object.keys(require.cache)) if (/tfjs-(core|layers|backend)/.test(file)) delete require.cache[file];
   const tf = require(${JSON.stringify(require.resolve('@tensorflow/tfjs-core'))});
   require(${JSON.stringify(require.resolve('@tensorflow/tfjs-layers'))});
   const { MathBackendCPU } = require(${JSON.stringify(require.resolve('@tensorflow/tfjs-backend-cpu'))});
   for (const kernel of tf.getKernelsForBackend('cpu')) tf.registerKernel({
     ...kernel,
     backendName: 'tensorflow',
     kernelFunc: (call) => {
       for (const input of Object.values(call.inputs).flat()) if (input) call.backend.data.get(input.dataId);
       return kernel.kernelFunc(call);
     },
   });
   tf.registerBackend('tensorflow', () => new MathBackendCPU(), 3);`,
);
const broken = packageOf('broken', `throw new Error('libtensorflow.so.2: cannot open\\nand more')`);

/** Whether somebody has installed the real package, which then is what is found. */
const isInstalled = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'].some((name) => {
  try {
    return require.resolve(name) !== '';
  } catch {
    return false;
  }
});

function testWithout(title: string, law: (t: ExecutionContext) => unknown): void {
  test(title, async (t) => {
    if (!isInstalled) {
      await law(t);
      return;
    }
    t.log('skipped: tfjs-node is installed here');
    t.pass();
  });
}

/** Gradients that tfjs has wrong, or that throw. */
const DERIVATIVES = `
  const x = tf.tensor2d([[-1.5, 0.5, 2], [1, -1, 3]]);
  const weighted = (y) => tf.sum(tf.mul(y, [[1, 2, 3], [4, 5, 6]]));
  const gradient = (f, at) => {
    try {
      return [...tf.grad(f)(at).dataSync()];
    } catch (error) {
      return 'throws';
    }
  };
  console.log(tf.getBackend(), JSON.stringify([
    gradient((x) => weighted(tf.cumsum(x, 0)), x),
    gradient((y) => weighted(tf.maximum(x, y)), tf.tensor2d([[0, 0, 0]])),
    gradient((x) => tf.sum(tf.grad((x) => tf.sum(tf.square(tf.relu6(x))))(x)), x),
    gradient((b) => tf.sum(tf.fused.matMul({ a: x, b, bias: tf.tensor1d([-2]), activation: 'relu' })), tf.ones([3, 1])),
  ]));
`;
const MENDED = '[[5,7,9,4,5,6],[1,5,0],[0,2,2,2,0,2],[1,-1,3]]';

testWithout(
  'the gradients are mended on the foreign backend, whose tfjs has registered its own',
  async (t) => {
    const { stdout, stderr } = await run(`await setBackend('tensorflow'); ${DERIVATIVES}`, other);
    t.is(stdout, `tensorflow ${MENDED}\n`);
    t.false(stderr.includes('already'), stderr);
    // Without the mends made again they are gone, or else this test shows nothing.
    const load = `
    import { createRequire } from 'node:module';
    createRequire(import.meta.url)('@tensorflow/tfjs-node');
    await tf.setBackend('tensorflow');
  `;
    const unmended = await run(load + DERIVATIVES, other);
    t.regex(unmended.stdout, /^tensorflow .*throws/);
    // A choice of the backend comes after somebody's own import, too.
    const twice = `${load} for (let i = 0; i < 3; i++) await setBackend('tensorflow');`;
    t.is((await run(twice + DERIVATIVES, other)).stdout, `tensorflow ${MENDED}\n`);
  },
);

testWithout('a package that does not load is named, with the first line of the reason', async (t) => {
  const program = `await setBackend('tensorflow').catch((error) => console.log(error.code, error.message));`;
  const { stdout } = await run(program, broken);
  t.regex(
    stdout,
    /^unsupported [^\n]*tfjs-node does not load \(libtensorflow.so.2: cannot open\); [^\n]*\n$/,
  );
});

testWithout('without the package, the commands end with code 2 and the line that installs it', (t) => {
  const given = [commandFile, 'sample', 'run', '-n', '3', '--backend', 'tensorflow'];
  const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
  t.is(status, 2);
  t.is(stdout, '');
  t.regex(stderr, /^pushforward: [^\n]*`npm install @tensorflow\/tfjs-node`[^\n]*\n$/);
});

testWithout('a model fitted on one backend has the same densities on every other', async (t) => {
  const command = async (given: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const { stdout } = await promisify(execFile)(process.execPath, [commandFile, ...given, '--json'], {
      cwd: root,
      env: { ...process.env, ...other, ...env },
    });
    return JSON.parse(stdout) as { readonly backend?: string; readonly logLikelihood: number };
  };
  const rows = Array.from({ length: 200 }, (_, i) => `${Math.sin(i)},${Math.cos(2 * i) + Math.sin(i)}`);
  writeFileSync(join(root, 'rows.csv'), `x,y\n${rows.join('\n')}\n`);
  const model = ['--model', 'nsf', '--layers', '2', '--hidden', '8', '--bins', '4', '--epochs', '2'];
  const fit = ['fit', 'rows.csv', ...model, '--backend', 'tensorflow', '--quiet'];
  // Without the addon, which fits flows whatever the backend is, the fit is made of tfjs' ops.
  const { backend } = await command(fit, { PUSHFORWARD_NATIVE: 'off' });
  t.is(backend, 'tensorflow');
  const evaluate = async (name: string) =>
    (await command(['evaluate', 'run', 'rows.csv', '--backend', name])).logLikelihood;
  const expected = await evaluate('cpu');
  for (const name of ['tensorflow', 'native']) {
    t.true(Math.abs((await evaluate(name)) - expected) < 1e-4 * Math.abs(expected), name);
  }
});
