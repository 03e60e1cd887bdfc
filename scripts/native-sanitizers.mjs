/**
 * Runs the native tests under GCC's sanitizers (Linux): the thread pool's own program under the thread
 * sanitizer, in build-tsan, and the tests of the addon and of the backend under those for addresses and
 * undefined behaviour, in build-asan. The TypeScript is built first, by `npm run build`; another folder
 * than dist, or test files, can be named as arguments.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [compiled = 'dist', ...named] = process.argv.slice(2);
const tests = named.length > 0 ? named : ['native/**/*.test.js', 'random.test.js', 'backend/**/*.test.js'];

function run(command, args, environment = {}) {
  const env = { ...process.env, ...environment };
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}

function build(folder, sanitizers) {
  return ['cmake-js', 'build', '--out', folder, `--CDPF_SANITIZE=${sanitizers}`];
}

/** Where the compiler keeps a library of its own. */
function library(name) {
  return execFileSync('g++', [`-print-file-name=${name}`])
    .toString()
    .trim();
}

run('npx', [...build('build-tsan', 'thread'), '--target', 'threads_test']);
run(join(root, 'build-tsan', 'threads_test'), []);

run('npx', build('build-asan', 'address,undefined'));
const files = tests.map((name) => join(compiled, 'test', name));
// The sanitizer keeps what is freed, so that memory grows and its test cannot hold.
files.push(`!${join(compiled, 'test', 'backend', 'leaks.test.js')}`);
run('npx', ['ava', '--timeout=10m', ...files], {
  PUSHFORWARD_NATIVE: join(root, 'build-asan', 'Release', 'pushforward.node'),
  // Node itself is not instrumented, so the runtime must be there before it; libstdc++ too, whose
  // throw the runtime intercepts. Node leaks on purpose when it exits.
  LD_PRELOAD: `${library('libasan.so')} ${library('libstdc++.so')}`,
  ASAN_OPTIONS: 'detect_leaks=0',
  UBSAN_OPTIONS: 'print_stacktrace=1',
});
