/**
 * `npm run lint`: Biome over TypeScript and JSON, clang-format over C++, dependency-cruiser over the
 * imports. Every check runs even when an earlier one fails. With --write, what can be put right by
 * formatting is rewritten instead.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const write = process.argv.includes('--write');

/** The script behind a package's command, so that no shell and no PATH is needed to run it. */
function command(packageName, name) {
  const file = join(root, 'node_modules', packageName, 'package.json');
  return join(dirname(file), require(file).bin[name]);
}

const sources = ['src', 'test', 'bench', 'scripts', 'examples'].filter((folder) =>
  existsSync(join(root, folder)),
);
const cpp = readdirSync(join(root, 'native'), { recursive: true })
  .filter((name) => /[.](h|hpp|cc|cpp|cu|cuh)$/.test(name))
  .map((name) => join('native', name));

const checks = [
  {
    name: 'biome',
    script: command('@biomejs/biome', 'biome'),
    arguments: write ? ['check', '--write', '.'] : ['check', '--error-on-warnings', '.'],
  },
  {
    name: 'clang-format',
    script: command('clang-format', 'clang-format'),
    arguments: [...(write ? ['-i'] : ['--dry-run', '-Werror']), '--style=file', ...cpp],
    skip: cpp.length === 0,
  },
  {
    name: 'imports',
    script: command('dependency-cruiser', 'depcruise'),
    arguments: ['--config', '.dependency-cruiser.cjs', ...sources],
  },
];

let failed = 0;
for (const check of checks) {
  if (check.skip) continue;
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [check.script, ...check.arguments], {
    cwd: root,
    stdio: 'inherit',
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`lint: ${check.name} ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  if (status !== 0) failed += 1;
}
process.exitCode = failed === 0 ? 0 : 1;
