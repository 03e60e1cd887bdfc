/**
 * Builds what is missing or older than its source: the TypeScript into dist, the addon into
 * build/Release. `--force` builds whatever the times say, `--addon` leaves the TypeScript alone,
 * `--CDNAME=VALUE` builds the addon anew with an option of CMakeLists.txt: --CDPF_BLAS=ON.
 * Prints one line for each thing that was built, and nothing when there was nothing to do.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { buildAddon } from './builders/addon.mjs';
import { buildTypeScript } from './builders/typescript.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const known = ['--force', '--addon'];
const definitions = process.argv.slice(2).filter((argument) => /^--CD\w+=/.test(argument));
const unknown = process.argv.slice(2).filter((argument) => ![...known, ...definitions].includes(argument));
if (unknown.length > 0) {
  console.error(
    `build: unknown option ${unknown.join(' ')}; there are ${known.join(', ')} and --CDNAME=VALUE`,
  );
  process.exit(2);
}
const force = process.argv.includes('--force');

/** Builds one thing and gives the lines that say so, on stdout and on stderr. */
function run(name, build) {
  const start = performance.now();
  const { state, message } = build(root, { force, definitions });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (state === 'failed') process.exitCode = 1;
  return {
    stdout: state === 'built' ? `build: ${name} in ${seconds} s\n` : '',
    stderr: message === undefined ? '' : `build: ${message}\n`,
  };
}

function say({ stdout, stderr }) {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
}

if (process.argv.includes('--addon')) {
  say(run('addon', buildAddon));
} else {
  // The addon in a process of its own, because configuring it and linking leave processors idle.
  const child = spawn(process.execPath, [...process.argv.slice(1), '--addon'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const addon = Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const typeScript = run('TypeScript', buildTypeScript);
  const [stdout, stderr, [code]] = await addon;
  say({ stdout, stderr });
  say(typeScript);
  if (code !== 0) process.exitCode = 1;
}
