import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { measureMemory } from '../../bench/memory.js';
import { TFJS } from '../../bench/networks/lines.js';
import { HELP, parseOptions } from '../../bench/options.js';
import { COMPILED, EAGER } from '../../bench/peers.js';
import { nativeTest } from '../native/support.js';

function bench(...given: string[]) {
  return spawnSync(process.execPath, [join('dist', 'bench', 'main.js'), ...given], {
    encoding: 'utf8',
    env: {
      ...process.env,
      PUSHFORWARD_BENCH_PYTHON: join(tmpdir(), 'no-python-here'),
      PUSHFORWARD_BENCH_TFJS: join(tmpdir(), 'no-node-modules-here'),
    },
  });
}

test('a wrong option ends it with code 2 and one line that names it', (t) => {
  const { status, stdout, stderr } = bench('--peers');
  t.is(status, 2);
  t.is(stdout, '');
  t.regex(stderr, /^bench: .*--peers.*\n$/);
});

test('wrong values are refused by name', (t) => {
  const wrong = [
    ['--only', 'glow'],
    ['--peer', 'pyro'],
    ['--threads', '0'],
    ['--rounds', 'x'],
    ['--clock', 'sun'],
    ['moons'],
  ];
  for (const given of wrong) {
    t.throws(() => parseOptions(given, ['moons', 'memory']), { message: new RegExp(given[0] as string) });
  }
});

test('options have their defaults, and quick its rounds unless they are given', (t) => {
  const { threads, rounds, clock, only } = parseOptions([], ['moons']);
  t.deepEqual({ threads, rounds, clock, only }, { threads: 1, rounds: 7, clock: 'wall', only: [] });
  t.is(parseOptions(['--quick'], []).rounds, 3);
  t.is(parseOptions(['--quick', '--rounds', '5'], []).rounds, 5);
  for (const option of ['only', 'peer', 'json', 'threads', 'rounds', 'quick', 'clock']) {
    t.true(HELP.includes(`--${option}`), option);
  }
});

nativeTest('peers that are not there are skipped aloud, and ours is measured all the same', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pushforward-bench-'));
  const json = join(folder, 'bench.json');
  const { status, stdout, stderr } = bench(
    '--only',
    'conditionalNsf',
    '--quick',
    '--rounds',
    '1',
    '--json',
    json,
  );
  t.is(status, 0, stderr);
  const { skipped, lines } = JSON.parse(readFileSync(json, 'utf8'));
  for (const name of [...EAGER, ...COMPILED]) {
    t.true(stderr.includes(`skipped ${name}: `), stderr);
    t.is(typeof skipped[name], 'string');
  }
  t.is(lines.length, 6);
  for (const line of lines) {
    t.true(line.seconds > 0);
    t.deepEqual(line.ratios, {});
  }
  // A head, a rule and a row for each line.
  t.is(stdout.trim().split('\n').length, 8);
  rmSync(folder, { recursive: true });
});

nativeTest('networks are held against those that are there', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pushforward-bench-'));
  const json = join(folder, 'bench.json');
  const given = ['--only', 'product', '--quick', '--rounds', '1', '--json', json];
  const { status, stdout, stderr } = bench(...given, ...TFJS.flatMap((name) => ['--peer', name]));
  t.is(status, 0, stderr);
  t.regex(stderr, /skipped tfjsWasm: /);
  t.false(stderr.includes('torch'), 'a peer that nobody asked for');
  const { networks, lines } = JSON.parse(readFileSync(json, 'utf8'));
  t.deepEqual(lines, []);
  t.is(networks.length, 1);
  t.true(networks[0].seconds > 0);
  t.deepEqual(Object.keys(networks[0].ratios), ['tfjsCpu']);
  t.true(networks[0].ratios.tfjsCpu > 1);
  t.is(stdout.trim().split('\n').length, 3);
  rmSync(folder, { recursive: true });
});

nativeTest('memory is flat in depth and in the batch', async (t) => {
  for (const { name, large, growth, due, allowed } of await measureMemory()) {
    t.true(growth <= allowed, `${name}: ${growth} bytes where ${allowed} are allowed`);
    // A measurement that saw nothing at all would prove nothing; what was freed just before may hold a part of it.
    t.true(large > due / 2, `${name}: ${large} bytes where ${due} are due`);
  }
});
