import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

/**
 * Kernel files are compiled with instructions that not every processor has. Whatever such an object
 * file shares with others (inline functions, templates: weak symbols), the linker keeps one copy of,
 * for all paths. So wide objects may define nothing outside their own namespace.
 */
test('wide kernels share no code with the narrow paths', (t) => {
  const objects = join('build', 'CMakeFiles');
  const paths = ['avx2', 'avx512'].filter((path) => existsSync(join(objects, `kernels_${path}.dir`)));
  if (paths.length === 0) {
    t.log('not tested: the addon is not built, or not with wide paths');
    t.pass();
    return;
  }
  for (const path of paths) {
    const folder = join(objects, `kernels_${path}.dir`, 'native', 'cpu');
    const files = readdirSync(folder).filter((name) => name.endsWith('.o'));
    t.true(files.length > 0);
    for (const file of files) {
      const lines = execFileSync('nm', [
        '--defined-only',
        '--extern-only',
        '-C',
        join(folder, file),
      ]).toString();
      const shared = lines
        .split('\n')
        .filter((line) => line !== '' && !line.includes(`pushforward::${path}::`));
      t.deepEqual(shared, [], file);
    }
  }
});
