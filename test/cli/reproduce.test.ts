import test from 'ava';
import type { ReproduceSettings } from '../../src/reproduce/index.js';
import { fakeReproduction, runFake } from './fake.js';

test('figures stand beside the published ones', async (t) => {
  const { code, stdout, stderr } = await runFake(['reproduce', 'pacgan-ring', '--quiet']);
  t.is(code, 0);
  t.is(stderr, '');
  t.regex(stdout, /^pacgan-ring \(the paper, table 1\), 75 s\n/);
  t.regex(stdout, /modes +7.25 ± 0.5 +7.9 ± 0.1\n/);
  t.regex(stdout, /error +0.0001234\n/);
  t.regex(stdout, /\nFewer steps\.\n$/);
});

test('--json prints the object and nothing else', async (t) => {
  const { stdout } = await runFake(['reproduce', 'pacgan-ring', '--json']);
  t.deepEqual(JSON.parse(stdout), fakeReproduction);
});

test('options reach the experiment, and its steps the reader', async (t) => {
  let given: ReproduceSettings | undefined;
  const reproduce = async (_: string, settings: ReproduceSettings) => {
    given = settings;
    for (let step = 1; step <= 40; step++) settings.onStep?.(step, 40);
    return fakeReproduction;
  };
  const argv = [
    'reproduce',
    'pacgan-grid',
    '--quick',
    '--steps',
    '7',
    '--runs',
    '2',
    '--out',
    'there',
    '--seed',
    '5',
    '--data',
    'digits',
    '--vae',
    'saved',
    '--resume',
  ];
  const { stderr } = await runFake(argv, { reproduce });
  const { signal: _, onStep: __, ...plain } = given as ReproduceSettings;
  t.deepEqual(plain, {
    quick: true,
    steps: 7,
    runs: 2,
    out: 'there',
    seed: 5,
    data: 'digits',
    vae: 'saved',
    resume: true,
  });
  t.is(stderr.match(/ %: step/g)?.length, 10);
  const live = await runFake(argv, { reproduce, terminal: true });
  t.regex(live.stderr, /█.* % {2}step \d+ of 40/);
});

test('a name that is none is wrong usage, in one line with those there are', async (t) => {
  const { code, stderr } = await runFake(['reproduce', 'moons']);
  t.is(code, 2);
  t.regex(stderr, /^pushforward: [^\n]*moons-realnvp[^\n]*\n$/);
});

test('Ctrl-C reaches the experiment', async (t) => {
  let stopped = false;
  await runFake(['reproduce', 'pacgan-ring'], {
    interrupt: true,
    reproduce: async (_, { signal }) => {
      stopped = signal?.aborted === true;
      return fakeReproduction;
    },
  });
  t.true(stopped);
});
