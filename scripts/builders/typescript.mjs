import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { changed, filesBelow, newestChange } from './freshness.mjs';

const folders = ['src', 'test', 'bench', 'scripts', 'examples'];

/**
 * Compiles the TypeScript into dist when it is older than its source. An installed package has no
 * source and keeps the dist it came with.
 */
export function buildTypeScript(root, { force }) {
  const source = folders.map((folder) => join(root, folder));
  if (!source.some((folder) => filesBelow(folder).some((name) => name.endsWith('.ts'))))
    return { state: 'absent' };
  const dist = join(root, 'dist');
  const stamp = join(dist, '.built');
  if (!force && newestChange([...source, join(root, 'tsconfig.json')]) <= changed(stamp))
    return { state: 'fresh' };

  const start = new Date();
  mkdirSync(dist, { recursive: true });
  const cache = join(dist, '.tsbuildinfo');
  if (force) rmSync(cache, { force: true });
  removeOrphans(root, dist);
  // The compiler in native code, several times as fast; the one in JavaScript is there for dependency-cruiser.
  const typescript = createRequire(import.meta.url).resolve('typescript-native/package.json');
  const compiler = join(dirname(typescript), 'bin', 'tsc');
  const { status } = spawnSync(
    process.execPath,
    [compiler, '-p', root, '--outDir', dist, '--incremental', '--tsBuildInfoFile', cache],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0)
    return { state: 'failed', message: 'the TypeScript does not compile; the errors are above' };

  // The stamp carries the time the build started: what was saved while it ran is newer than it.
  writeFileSync(stamp, '');
  utimesSync(stamp, start, start);
  return { state: 'built' };
}

/** Deletes what an earlier build made of sources that are gone, lest their tests go on being run. */
function removeOrphans(root, dist) {
  const sources = new Set(
    folders.flatMap((folder) => filesBelow(join(root, folder)).map((name) => join(folder, name))),
  );
  for (const name of filesBelow(dist)) {
    const source = name.match(/^(.*?)([.]js|[.]d[.]ts)([.]map)?$/)?.[1];
    if (source !== undefined && !sources.has(`${source}.ts`)) rmSync(join(dist, name));
  }
}
