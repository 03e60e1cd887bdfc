import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { changed, newestChange } from './freshness.mjs';

/**
 * Builds the addon with cmake-js when it is older than its source. A machine without the tools is no
 * failure: the library then runs on the tfjs `cpu` backend.
 *
 * `definitions` are options of CMakeLists.txt as cmake-js takes them, --CDPF_BLAS=ON say. They make a
 * build from scratch, and hold until the next one of that kind.
 */
export function buildAddon(root, { force, definitions }) {
  const file = join(root, 'build', 'Release', 'pushforward.node');
  const sources = ['native', 'CMakeLists.txt'].map((name) => join(root, name));
  const anew = force || definitions.length > 0;
  if (!anew && newestChange(sources) <= changed(file)) return { state: 'fresh' };
  const missing = missingTools();
  if (missing.length > 0) return { state: 'impossible', message: advice(missing, existsSync(file)) };

  const start = new Date();
  const cmakeJs = join(
    dirname(createRequire(import.meta.url).resolve('cmake-js/package.json')),
    'bin',
    'cmake-js',
  );
  // A forced build starts from an empty folder; otherwise only what changed is compiled.
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cmakeJs, anew ? 'rebuild' : 'build', '-p', String(availableParallelism()), ...definitions],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = join(root, 'build', 'addon.log');
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, `${stdout}\n${stderr}`);
  if (status !== 0 || !existsSync(file)) {
    return {
      state: 'failed',
      message: `${failure(`${stdout}\n${stderr}`)}; all of its output is in ${relative(root, log)}`,
    };
  }
  // CMake leaves the file alone when a changed source makes no difference to it.
  if (changed(file) < start.getTime()) utimesSync(file, start, start);
  return { state: 'built' };
}

/** One line: what CMake says is wrong, or else the compiler's first complaint. */
function failure(output) {
  const refused = /^CMake Error at [^\n]*CMakeLists[.]txt[^\n]*\n\s*\n?((?: {2}[^\n]+\n)+)/m.exec(output);
  if (refused !== null) return `the addon cannot be built: ${refused[1].trim().replace(/\s+/g, ' ')}`;
  const first = output.split('\n').find((line) => /error/i.test(line));
  return first === undefined ? 'the addon does not compile' : `the addon does not compile (${first.trim()})`;
}

/** One line: what is missing, and how to get it. */
function advice(missing, older) {
  const what = older ? 'the addon is older than its source and stays so' : 'the addon is not built';
  const install = {
    linux: `sudo apt-get install ${missing.join(' ')}`,
    darwin: 'xcode-select --install && brew install cmake',
    win32: 'winget install Kitware.CMake Microsoft.VisualStudio.2022.BuildTools',
  }[process.platform];
  const consequence = older ? '' : ', so models run on the slower tfjs cpu backend';
  return `${what}, because this machine has no ${missing.join(', ')}${consequence}; to have it: ${install ?? `install ${missing.join(', ')}`} && npm run build:addon`;
}

function missingTools() {
  if (process.platform === 'win32') return onPath(['cmake.exe']) ? [] : ['cmake'];
  const compiler =
    process.env.CXX === undefined || process.env.CXX === '' ? ['c++', 'g++', 'clang++'] : [process.env.CXX];
  const missing = [];
  if (!onPath(compiler)) missing.push('g++');
  if (!onPath(['cmake'])) missing.push('cmake');
  if (!onPath(['make', 'ninja'])) missing.push('make');
  return missing;
}

/** Whether one of these programs can be run; a name with a slash is a path already. */
function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return names.some((name) =>
    (name.includes('/') ? [name] : folders.map((folder) => join(folder, name))).some((path) => {
      try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    }),
  );
}
