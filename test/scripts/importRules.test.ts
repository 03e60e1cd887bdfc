import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** The rules that these files break, as `file: rule`. Every file is valid TypeScript of one export. */
function violations(files: Readonly<Record<string, string>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'pushforward-imports-'));
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    cpSync(join(process.cwd(), name), join(root, name));
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const cruise = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const folders = [...new Set(Object.keys(files).map((name) => name.split('/')[0] ?? ''))];
  const { stdout } = spawnSync(
    process.execPath,
    [
      '--preserve-symlinks',
      cruise,
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
      ...folders,
    ],
    { cwd: root, encoding: 'utf8' },
  );
  rmSync(root, { recursive: true });
  const report = JSON.parse(stdout) as Report;
  return report.summary.violations.map(({ from, rule }) => `${from}: ${rule.name}`).toSorted();
}

const value = 'export const value = 1;\n';
const use = (path: string) => `import { value } from '${path}';\nexport const used = value;\n`;
const useType = (path: string) => `import type { T } from '${path}';\nexport type U = T;\n`;

test('imports that run downhill pass', (t) => {
  t.deepEqual(
    violations({
      'src/errors.ts': value,
      'src/tfjs.ts': "export * as tf from '@tensorflow/tfjs-core';\n",
      'src/tf.ts': "import { tf } from './tfjs.js';\nexport { tf };\n",
      'src/native/index.ts': use('../errors.js'),
      'src/data/read.ts': use('../errors.js'),
      'src/flows/flow.ts': "import { tf } from '../tf.js';\nexport const zero = tf.scalar(0);\n",
      'src/runs/index.ts': use('../data/read.js'),
      'src/index.ts': use('./runs/index.js'),
      'src/cli/main.ts': "export const runs = () => import('../runs/index.js');\n",
      'test/flows/flow.test.ts': use('../../src/flows/flow.js'),
      'examples/one.ts': use('../src/index.js'),
    }),
    [],
  );
});

test('every planted violation is found', (t) => {
  t.deepEqual(
    violations({
      'src/errors.ts': value,
      'src/index.ts': value,
      'src/random.ts': use('./flows/flow.js'),
      'src/flows/flow.ts': value,
      'src/flows/upward.ts': useType('../runs/types.js'),
      'src/flows/one.ts': use('./two.js'),
      'src/flows/two.ts': use('./one.js'),
      'src/runs/types.ts': 'export type T = number;\n',
      'src/runs/top.ts': use('../index.js'),
      'src/data/read.ts': use('../nn/mlp.js'),
      'src/nn/mlp.ts': "import * as tf from '@tensorflow/tfjs-core';\nexport const value = tf;\n",
      'src/backend/index.ts': "export { add } from '@tensorflow/tfjs-core';\n",
      'src/cli/main.ts': "import test from 'ava';\nexport const used = test;\n",
      'src/report/page.ts': use('../../test/helper.js'),
      'src/unplaced/thing.ts': value,
      'src/tfjs.ts': "export * as tf from '@tensorflow/tfjs-core';\n",
      'src/train/fit.ts': use('../unplaced/thing.js'),
      'src/train/unmended.ts': "import { tf } from '../tfjs.js';\nexport const zero = tf.scalar(0);\n",
      'src/metrics/none.ts': use('../absent.js'),
      'test/helper.ts': value,
      'examples/one.ts': use('../src/flows/flow.js'),
    }),
    [
      'examples/one.ts: examples-use-what-users-use',
      'src/backend/index.ts: tf-through-one-door',
      'src/cli/main.ts: no-dev-dependency-in-src',
      'src/data/read.ts: data-and-onnx-know-no-model',
      'src/flows/one.ts: no-circles',
      'src/flows/upward.ts: downhill-flows',
      'src/metrics/none.ts: resolvable',
      'src/nn/mlp.ts: tf-through-one-door',
      'src/random.ts: downhill-base',
      'src/report/page.ts: src-stands-alone',
      'src/runs/top.ts: downhill-runs',
      'src/train/fit.ts: every-file-has-a-floor',
      'src/train/unmended.ts: tf-with-its-gradients-mended',
    ],
  );
});
