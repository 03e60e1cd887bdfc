/**
 * Runs the test suite that tfjs-core ships on npm against a backend, and prints what came of it as one
 * line of JSON. By hand: `node dist/test/backend/runTfjsSuite.js [backend]`, `native` if none is named.
 *
 * The suite's modules are written for a bundler, so they are bundled first, together with this
 * project's backend: the suite and the backend then share one copy of tfjs-core.
 */
import { rmSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export interface SuiteResult {
  readonly passed: number;
  readonly failed: readonly { readonly spec: string; readonly message: string }[];
}

interface SpecResult {
  readonly status: string;
  readonly fullName: string;
  readonly failedExpectations: readonly { readonly message: string }[];
}

interface Jasmine {
  getEnv(): {
    configure(options: { random: boolean }): void;
    addReporter(reporter: { specDone: (result: SpecResult) => void }): void;
    execute(): Promise<unknown>;
  };
}

const here = dirname(fileURLToPath(import.meta.url));
const backendName = process.argv[2] ?? 'native';

/** What the suite expects of its surroundings: chained methods, gradients, and the backend to test. */
const setup = `
  import ${JSON.stringify(join(here, '../../src/backend/index.js'))};
  import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
  import '@tensorflow/tfjs-core/dist/register_all_gradients';
  import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util';
  setTestEnvs([{ name: 'pushforward', backendName: ${JSON.stringify(backendName)}, flags: {}, isDataSync: true }]);
`;

const entry = `
  import 'setup';
  import '@tensorflow/tfjs-core/dist/tests';
`;

// Next to this file, so that the bundle still finds the addon from where it lies.
const bundle = join(here, `tfjsSuite-${process.pid}.bundle.mjs`);

async function makeBundle(): Promise<void> {
  await build({
    stdin: { contents: entry, resolveDir: here },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['jasmine-core'],
    // The packages call most of their modules free of side effects; those that hold the specs are not.
    ignoreAnnotations: true,
    logLevel: 'error',
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
    plugins: [
      {
        name: 'setup',
        setup: ({ onResolve, onLoad }) => {
          onResolve({ filter: /^setup$/ }, () => ({ path: 'setup', namespace: 'setup' }));
          onLoad({ filter: /./, namespace: 'setup' }, () => ({ contents: setup, resolveDir: here }));
        },
      },
    ],
  });
}

const core = createRequire(import.meta.url)('jasmine-core') as { boot(core: unknown): Jasmine };
// Puts describe, it and expect where the specs look for them.
const environment = core.boot(core).getEnv();
const failed: { spec: string; message: string }[] = [];
let passed = 0;
environment.configure({ random: false });
environment.addReporter({
  specDone: ({ status, fullName, failedExpectations }) => {
    if (status === 'passed') passed += 1;
    if (status === 'failed') failed.push({ spec: fullName, message: failedExpectations[0]?.message ?? '' });
  },
});
try {
  await makeBundle();
  // The suite warns on purpose; only the last line of this program counts.
  console.warn = () => {};
  await import(pathToFileURL(bundle).href);
  await environment.execute();
} finally {
  rmSync(bundle, { force: true });
}
writeSync(1, `${JSON.stringify({ passed, failed } satisfies SuiteResult)}\n`);
