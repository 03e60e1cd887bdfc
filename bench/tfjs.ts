/**
 * A backend of TensorFlow.js as a contender of the benchmark's networks: `node tfjs.js BACKEND`, with
 * BACKEND `cpu`, or `wasm`, which is looked for where PUSHFORWARD_BENCH_TFJS says. Both have one thread.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tf } from '../src/tf.js';
import type { NetworkConfiguration } from './networks/configurations.js';
import { prepareNetwork } from './networks/prepare.js';
import { answer, serve } from './serve.js';

const WASM = '@tensorflow/tfjs-backend-wasm';

/** Registers the backend `wasm`. @returns its version. */
async function loadWasm(): Promise<string> {
  const folder = process.env.PUSHFORWARD_BENCH_TFJS;
  if (folder === undefined || folder === '') throw new Error('PUSHFORWARD_BENCH_TFJS is not set');
  const file = createRequire(join(folder, 'package.json')).resolve(WASM);
  const { version_wasm } = (await import(pathToFileURL(file).href)) as { readonly version_wasm: string };
  return version_wasm;
}

async function main(): Promise<void> {
  const backend = process.argv[2] ?? '';
  let version = tf.version_core;
  try {
    if (backend === 'wasm') version = await loadWasm();
    if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} does not start`);
  } catch (error) {
    answer({ missing: error instanceof Error ? error.message.split('\n')[0] : String(error) });
    return;
  }
  await serve<{ readonly configuration: NetworkConfiguration; readonly warmSeconds: number }>(
    { [`tfjs ${backend}`]: version },
    ({ configuration }) => prepareNetwork(configuration),
  );
}

await main();
