import { version as duckdbVersion } from '@duckdb/node-api';
import { env } from 'onnxruntime-node';
import '../backend/index.js';
import { addonProblem, loadAddon } from '../native/index.js';
import { tf } from '../tf.js';
import type { Environment } from './context.js';

/** Looks at what this machine and this installation offer; `version` is the package's. */
export async function describeEnvironment(version: string): Promise<Environment> {
  await tf.ready();
  const addon = loadAddon();
  return {
    version,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    addon:
      addon === null
        ? { loaded: false, problem: addonProblem() ?? 'it does not load' }
        : { loaded: true, simd: addon.simdLevel(), simdLevels: addon.simdLevels(), threads: addon.threads() },
    tfjs: { version: tf.version_core, backend: tf.getBackend() },
    onnxruntime: env.versions.node ?? env.versions.common,
    duckdb: duckdbVersion(),
  };
}
