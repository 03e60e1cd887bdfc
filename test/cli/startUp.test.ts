import { spawn } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

const source = join(process.cwd(), 'dist', 'src');

/** The packages and addons that a program loads. */
async function loadedBy(...program: readonly string[]): Promise<string[]> {
  const recorder = new URL('./recordModules.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', recorder, ...program], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  for await (const part of child.stderr.setEncoding('utf8')) text += part;
  const names = text
    .split('\n')
    .map((line) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(line)?.[1] ?? /[^/]+[.]node$/.exec(line)?.[0]);
  return [...new Set(names)].filter((name) => name !== undefined);
}

for (const words of [['--help'], ['--version'], ['fti'], ['fit', '--help']]) {
  test(`pushforward ${words.join(' ')} loads the parser of command lines alone`, async (t) => {
    t.deepEqual(await loadedBy(join(source, 'cli', 'main.js'), ...words), ['commander']);
  });
}

test('the library is imported without what reads tables and pictures, or runs ONNX files', async (t) => {
  const index = JSON.stringify(join(source, 'index.js'));
  const loaded = await loadedBy('--input-type=module', '--eval', `await import(${index})`);
  t.true(loaded.includes('@tensorflow/tfjs-core'));
  for (const name of ['@duckdb/node-api', '@napi-rs/image', 'onnxruntime-node', 'ml-matrix', 'commander']) {
    t.false(loaded.includes(name), name);
  }
});
