import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import test from 'ava';
import { addonProblem, loadAddon } from '../../src/native/index.js';

const compiled = fileURLToPath(new URL('../../src/', import.meta.url));

interface Report {
  readonly loaded: boolean;
  readonly version: string | null;
  readonly problem: string | null;
}

/** What the loader says in a package of its own, with these files beside the compiled sources. */
function inPackage(files: Record<string, string>, environment: Record<string, string> = {}): Report {
  const root = mkdtempSync(join(tmpdir(), 'pushforward-loader-'));
  try {
    for (const [name, content] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
      mkdirSync(join(root, name, '..'), { recursive: true });
      writeFileSync(join(root, name), content);
    }
    for (const name of ['native/index.js', 'errors.js', 'random.js', 'normalQuantile.js']) {
      cpSync(join(compiled, name), join(root, 'lib', 'src', name));
    }
    const script = `
      import { addonProblem, loadAddon } from ${JSON.stringify(pathToFileURL(join(root, 'lib/src/native/index.js')))};
      const addon = loadAddon();
      console.log(JSON.stringify({ loaded: addon !== null, version: addon?.version ?? null, problem: addonProblem() }));`;
    const options = { env: { ...process.env, PUSHFORWARD_NATIVE: '', ...environment } };
    return JSON.parse(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], options).toString(),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
}

const local = 'build/Release/pushforward.node';
const platform = `node_modules/@pushforward/${process.platform}-${process.arch}`;
const platformPackage = { [`${platform}/index.js`]: `exports.version = 'of the platform';` };

test('without a build the line says what to run', (t) => {
  const { loaded, problem } = inPackage({});
  t.false(loaded);
  t.regex(problem ?? '', /not built.*`npm run build`$/);
});

test('a file that is no addon is a problem in one line, not a crash', (t) => {
  const { loaded, problem } = inPackage({ [local]: 'this is no shared library\n'.repeat(100) });
  t.false(loaded);
  t.regex(problem ?? '', /does not load \(.*\); run `npm run build`$/);
  t.false((problem ?? '').includes('\n'));
});

test('the package for the platform serves where there is no build, or one that does not load', (t) => {
  const found = { loaded: true, version: 'of the platform', problem: null };
  t.deepEqual(inPackage(platformPackage), found);
  t.deepEqual(inPackage({ ...platformPackage, [local]: 'broken' }), found);
});

test('PUSHFORWARD_NATIVE=off switches the addon off', (t) => {
  const { loaded, problem } = inPackage(platformPackage, { PUSHFORWARD_NATIVE: 'off' });
  t.false(loaded);
  t.regex(problem ?? '', /PUSHFORWARD_NATIVE=off/);
});

test('PUSHFORWARD_NATIVE names the file to load, and no other is tried', (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'pushforward-chosen-')), 'chosen.cjs');
  writeFileSync(file, `exports.version = 'chosen';`);
  t.is(inPackage(platformPackage, { PUSHFORWARD_NATIVE: file }).version, 'chosen');
  rmSync(dirname(file), { recursive: true });
  const { loaded, problem } = inPackage(platformPackage, { PUSHFORWARD_NATIVE: file });
  t.false(loaded);
  t.regex(problem ?? '', /chosen\.cjs/);
});

test('there is an addon or a reason, and always the same one', (t) => {
  const addon = loadAddon();
  t.is(addon === null, addonProblem() !== null);
  t.is(loadAddon(), addon);
});
