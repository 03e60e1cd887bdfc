import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const MEBIBYTE = 2 ** 20;

interface Memory {
  readonly rss: number;
  readonly arrays: number;
  readonly heap: number;
  readonly dataIds: number;
  readonly bytes: number;
}

test('ten thousand steps of training end with the memory that a hundred had', (t) => {
  const script = fileURLToPath(new URL('./trainingLoop.js', import.meta.url));
  // What the engine itself keeps grows for a while: its new space, and a heap of malloc's for each of
  // its threads that compiles or collects. One thread and a small new space leave little of that.
  const engine = ['--expose-gc', '--max-semi-space-size=1', '--single-threaded'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...engine, script], {
    encoding: 'utf8',
    env: { ...process.env, MALLOC_ARENA_MAX: '1' },
  });
  t.is(status, 0, stderr);
  const { backend, start, end } = JSON.parse(stdout) as { backend: string; start: Memory; end: Memory };
  const grown = (name: keyof Memory) => (end[name] - start[name]) / MEBIBYTE;
  t.log(
    `on ${backend}: ${grown('rss').toFixed(1)} MiB more in all, ${grown('heap').toFixed(1)} of them objects`,
  );
  t.is(end.dataIds, start.dataIds);
  t.is(end.bytes, start.bytes);
  t.true(grown('arrays') < 0.5, `${grown('arrays')} MiB of arrays`);
  t.true(grown('heap') < 3, `${grown('heap')} MiB of objects`);
  t.true(grown('rss') < 5, `${grown('rss')} MiB of memory`);
});
