import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { useNativeRandom } from '../random.js';
import type { NativeAddon } from './addon.js';

export type { AdamOptions, NativeAddon, NativeFlowPlan, SimdLevel } from './addon.js';
export type * from './spec.js';

const require = createRequire(import.meta.url);

interface Loaded {
  readonly addon: NativeAddon | null;
  readonly problem: string | null;
}

let loaded: Loaded | undefined;

/**
 * The addon, or null where it is not built or does not load. The environment's `PUSHFORWARD_NATIVE`
 * switches it off (`off`) or names the file to load instead of the usual ones.
 */
export function loadAddon(): NativeAddon | null {
  return load().addon;
}

/** One line that says why there is no addon and what to do; null when there is one. */
export function addonProblem(): string | null {
  return load().problem;
}

function load(): Loaded {
  if (loaded === undefined) {
    loaded = find();
    useNativeRandom(loaded.addon);
  }
  return loaded;
}

/**
 * A local build first, then the package with the build for this platform. One that does not load, a
 * build for another machine say, is a reason to report and no failure.
 */
function find(): Loaded {
  const chosen = process.env.PUSHFORWARD_NATIVE ?? '';
  if (chosen === 'off') {
    return { addon: null, problem: 'the native addon is switched off by PUSHFORWARD_NATIVE=off' };
  }
  const local = join(packageRoot(), 'build', 'Release', 'pushforward.node');
  const platform = `@pushforward/${process.platform}-${process.arch}`;
  let problem = 'the native addon is not built, so fits run on slow pure JavaScript; run `npm run build`';
  const usual = [existsSync(local) ? local : undefined, resolvePackage(platform)];
  for (const candidate of chosen === '' ? usual : [resolve(chosen)]) {
    if (candidate === undefined) continue;
    try {
      return { addon: require(candidate) as NativeAddon, problem: null };
    } catch (error) {
      const reason = String(error instanceof Error ? error.message : error).split('\n')[0];
      problem = `the native addon does not load (${reason}); run \`npm run build\``;
    }
  }
  return { addon: null, problem };
}

/** The folder of package.json, whichever folder the compiled files lie in. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function resolvePackage(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
