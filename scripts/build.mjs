/**
 * Builds what is missing or older than its source: the TypeScript into dist, the addon into
 * build/Release. `--force` builds whatever the times say, `--addon` leaves the TypeScript alone,
 * `--CDNAME=VALUE` builds the addon anew with an option of CMakeLists.txt: --CDPF_BLAS=ON.
 * Prints one line for each thing that was built, and nothing when there was nothing to do.
 */
import { dirname } from 'node:path';
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

function run(name, build) {
  const start = performance.now();
  const { state, message } = build(root, { force, definitions });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (state === 'built') console.log(`build: ${name} in ${seconds} s`);
  if (message !== undefined) console.error(`build: ${message}`);
  if (state === 'failed') process.exitCode = 1;
}

run('addon', buildAddon);
if (!process.argv.includes('--addon')) run('TypeScript', buildTypeScript);
