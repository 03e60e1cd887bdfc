import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';

const addon = `#include <node_api.h>
static napi_value Init(napi_env, napi_value exports) { return exports; }
NAPI_MODULE(pushforward, Init)
`;
const cmake = `cmake_minimum_required(VERSION 3.15)
project(pushforward CXX)
add_library(pushforward SHARED native/addon.cc \${CMAKE_JS_SRC})
set_target_properties(pushforward PROPERTIES PREFIX "" SUFFIX ".node")
target_include_directories(pushforward PRIVATE \${CMAKE_JS_INC})
target_link_libraries(pushforward PRIVATE \${CMAKE_JS_LIB})
`;

/** A package of one TypeScript file, one test and a smallest addon, with this project's build script. */
class Project {
  readonly root = mkdtempSync(join(tmpdir(), 'pushforward-build-'));

  constructor() {
    for (const name of ['scripts', 'tsconfig.json', 'package.json']) {
      cpSync(join(process.cwd(), name), join(this.root, name), { recursive: true });
    }
    symlinkSync(join(process.cwd(), 'node_modules'), join(this.root, 'node_modules'));
    this.write('src/one.ts', 'export const one: number = 1;\n');
    this.write('test/one.test.ts', 'export const two: number = 2;\n');
    this.write('native/addon.cc', addon);
    this.write('CMakeLists.txt', cmake);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.root, name)), { recursive: true });
    writeFileSync(join(this.root, name), text);
  }

  /** Makes a file newer than anything built so far, whatever the clock's resolution. */
  touch(name: string): void {
    const soon = new Date(Date.now() + 2000);
    utimesSync(join(this.root, name), soon, soon);
  }

  has(name: string): boolean {
    return existsSync(join(this.root, name));
  }

  build(options: { readonly path?: string; readonly arguments?: readonly string[] } = {}) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(this.root, 'scripts', 'build.mjs'), ...(options.arguments ?? [])],
      {
        encoding: 'utf8',
        env: { ...process.env, ...(options.path === undefined ? {} : { PATH: options.path }) },
      },
    );
    return { status, stdout, stderr };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A PATH on which there is node and nothing else. */
function bareNode(project: Project): string {
  const folder = join(project.root, 'bin');
  mkdirSync(folder);
  symlinkSync(process.execPath, join(folder, 'node'));
  return folder;
}

const tools = ['cmake', 'c++'].every((name) => spawnSync(name, ['--version']).status === 0);

test.serial('without a compiler everything but the addon is built, and one line says how to get it', (t) => {
  const project = new Project();
  const { status, stdout, stderr } = project.build({ path: bareNode(project) });
  t.is(status, 0);
  t.regex(stdout, /^build: TypeScript in [\d.]+ s\n$/);
  t.regex(
    stderr,
    /^build: the addon is not built, because [^\n]* g\+\+, cmake, make[^\n]*npm run build:addon\n$/,
  );
  t.true(project.has('dist/src/one.js'));
  t.false(project.has('build'));
  project.remove();
});

test.serial('builds what is missing, then what changed, and nothing else', (t) => {
  if (!tools) {
    t.log('skipped: this machine has no cmake and c++');
    t.pass();
    return;
  }
  const project = new Project();
  const first = project.build();
  t.is(first.status, 0);
  t.regex(first.stdout, /^build: addon in [\d.]+ s\nbuild: TypeScript in [\d.]+ s\n$/);
  t.true(project.has('build/Release/pushforward.node'));
  t.true(project.has('dist/test/one.test.js'));
  t.deepEqual(project.build(), { status: 0, stdout: '', stderr: '' });

  rmSync(join(project.root, 'test', 'one.test.ts'));
  project.touch('test');
  t.regex(project.build().stdout, /^build: TypeScript in [\d.]+ s\n$/);
  t.false(project.has('dist/test/one.test.js'), 'the output of a deleted source is gone');
  t.true(project.has('dist/src/one.js'));

  project.write('native/addon.cc', `${addon}int broken = "text";\n`);
  project.touch('native/addon.cc');
  const broken = project.build({ arguments: ['--addon'] });
  t.is(broken.status, 1);
  t.regex(broken.stderr, /^build: the addon does not compile [^\n]*error[^\n]*build\/addon[.]log\n$/);
  t.true(project.has('build/addon.log'));

  const refusal = 'message(FATAL_ERROR "PF_LIBRARY: not found; install it")';
  project.write(
    'CMakeLists.txt',
    cmake.replace('add_library', `if(PF_LIBRARY)\n${refusal}\nendif()\nadd_library`),
  );
  const refused = project.build({ arguments: ['--addon', '--CDPF_LIBRARY=ON'] });
  t.is(refused.status, 1);
  t.regex(
    refused.stderr,
    /^build: the addon cannot be built: PF_LIBRARY: not found; install it; all of its output[^\n]*\n$/,
  );
  project.remove();
});

test.serial('TypeScript that does not compile fails the build, and does so again', (t) => {
  const project = new Project();
  project.write('src/one.ts', 'export const one: number = "1";\n');
  const path = bareNode(project);
  for (let round = 0; round < 2; round += 1) {
    const { status, stdout, stderr } = project.build({ path });
    t.is(status, 1);
    t.regex(stdout, /src\/one[.]ts.*TS2322/);
    t.regex(stderr, /build: the TypeScript does not compile/);
  }
  project.remove();
});

test('an unknown option is refused', (t) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs', '--all'], {
    encoding: 'utf8',
  });
  t.is(status, 2);
  t.regex(stderr, /^build: unknown option --all/);
});
