import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type Finished, pushforward, temporaryFolder } from './binary.js';

const folder = temporaryFolder();
const penguins = join(process.cwd(), 'examples', 'penguins.csv');

/** Where the addon is not built, a line about it comes first. */
function complaint({ stderr }: Finished): string {
  return stderr.replace(/^pushforward: the native addon .*\n/, '');
}

function write(name: string, lines: readonly string[]): string {
  writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(''));
  return name;
}

const numbered = (count: number, line: (row: number) => string): string[] =>
  Array.from({ length: count }, (_, row) => line(row));

/** Tables that cannot be fitted, each with what its one line has to name. */
const unusable: readonly { readonly what: string; readonly file: () => string; readonly names: RegExp }[] = [
  { what: 'a missing file', file: () => 'absent.csv', names: /absent[.]csv/ },
  { what: 'an empty file', file: () => write('empty.csv', []), names: /empty[.]csv/ },
  { what: 'a header only', file: () => write('header.csv', ['a,b']), names: /header[.]csv/ },
  { what: 'one row', file: () => write('one.csv', ['a,b', '1,2']), names: /one[.]csv.*one row/ },
  {
    what: 'ragged rows',
    file: () =>
      write('ragged.csv', [
        'a,b',
        ...numbered(60, (row) => `${row},${row / 7}`),
        '3',
        ...numbered(9, () => '1,2'),
      ]),
    names: /ragged[.]csv.*62/,
  },
  {
    what: 'nothing but a constant column',
    file: () => write('constant.csv', ['a', ...numbered(50, () => '4')]),
    names: /constant[.]csv/,
  },
  {
    what: 'nothing but missing values',
    file: () => write('gaps.csv', ['a,b', ...numbered(50, () => ',')]),
    names: /gaps[.]csv/,
  },
  {
    what: 'infinities',
    file: () =>
      write('infinite.csv', ['a,b', ...numbered(50, (row) => `${row === 6 ? 'inf' : row / 7},${row % 5}`)]),
    names: /infinite[.]csv.*\ba\b.*\b7\b/,
  },
  {
    what: 'a column of a million categories',
    file: () =>
      write('many.csv', ['name,b', ...numbered(1_050_000, (row) => `name ${row % 1_000_000},${row % 9}`)]),
    names: /many[.]csv.*name.*1[, ]?000[, ]?000.*--drop/,
  },
  {
    what: 'a picture',
    file: () => {
      writeFileSync(
        join(folder, 'picture.csv'),
        Buffer.from('89504e470d0a1a0a0000000d49484452000000', 'hex'),
      );
      return 'picture.csv';
    },
    names: /picture[.]csv/,
  },
];

for (const { what, file, names } of unusable) {
  test(`${what}: exit code 2, one line, no run folder`, async (t) => {
    const table = file();
    const finished = await pushforward(folder, ['fit', table, '--out', `run-${table}`, '--quiet']);
    t.is(finished.code, 2, finished.stderr);
    t.is(finished.stdout, '');
    t.regex(complaint(finished), /^pushforward: [^\n]+\n$/);
    t.regex(complaint(finished), names);
    t.false(existsSync(join(folder, `run-${table}`)));
  });
}

/** One short fit that the tests below share. */
const fitted = pushforward(folder, ['fit', penguins, '--out', 'run', '--epochs', '2', '--json', '--quiet']);

test('a fit says in JSON what it found', async (t) => {
  const { code, stdout, stderr } = await fitted;
  t.is(code, 0, stderr);
  const report = JSON.parse(stdout) as Record<string, unknown>;
  for (const key of ['rows', 'logLikelihood', 'baselines', 'seconds', 'onnx'])
    t.true(Object.hasOwn(report, key), key);
});

test('a run folder is not overwritten unless that is asked for', async (t) => {
  await fitted;
  const before = readdirSync(join(folder, 'run'));
  const finished = await pushforward(folder, ['fit', penguins, '--out', 'run', '--quiet']);
  t.is(finished.code, 2);
  t.regex(complaint(finished), /^pushforward: [^\n]*run[^\n]*--overwrite[^\n]*\n$/);
  t.deepEqual(readdirSync(join(folder, 'run')), before);
});

test('a constant and an empty column among others are left out with a warning', async (t) => {
  const table = write('dull.csv', ['a,b,c', ...numbered(80, (row) => `${((row * 7) % 31) / 8},same,`)]);
  const finished = await pushforward(folder, [
    'fit',
    table,
    '--out',
    'dull',
    '--epochs',
    '1',
    '--json',
    '--quiet',
  ]);
  t.is(finished.code, 0, finished.stderr);
  const sampled = await pushforward(folder, ['sample', 'dull', '-n', '3', '--json']);
  const { samples } = JSON.parse(sampled.stdout) as { samples: Record<string, unknown>[] };
  t.true(samples.every(({ b, c }) => b === 'same' && (c ?? null) === null));
});

test('a category that the fit never saw: the row is kept with log_prob -Infinity, and counted', async (t) => {
  await fitted;
  const [header, ...rows] = readFileSync(penguins, 'utf8').trimEnd().split('\n');
  write('unseen.csv', [header ?? '', ...rows.slice(0, 3), (rows[4] ?? '').replace('Adelie', 'Emperor')]);
  const finished = await pushforward(folder, ['score', 'run', 'unseen.csv']);
  t.is(finished.code, 0, finished.stderr);
  t.regex(complaint(finished), /^pushforward: warning: 1 of 4 rows [^\n]*\n$/);
  const lines = finished.stdout.trimEnd().split('\n');
  t.is(lines.length, 5);
  t.deepEqual(
    lines.slice(1).map((line) => Number.isFinite(Number(line.split(',').at(-1)))),
    [true, true, true, false],
  );
  t.true(lines[4]?.endsWith(',-Infinity'));
});

test('a column missing at score: exit code 2 and its name', async (t) => {
  await fitted;
  const lines = readFileSync(penguins, 'utf8').trimEnd().split('\n');
  write(
    'narrow.csv',
    lines.slice(0, 20).map((line) => line.split(',').slice(1).join(',')),
  );
  const finished = await pushforward(folder, ['score', 'run', 'narrow.csv', '--out', 'scored.csv']);
  t.is(finished.code, 2);
  t.regex(complaint(finished), /^pushforward: narrow[.]csv[^\n]*species[^\n]*\n$/);
  t.false(existsSync(join(folder, 'scored.csv')));
});

/** What is done to a copy of the run's weights. */
const damages: Readonly<Record<string, (file: string) => void>> = {
  'cut off': (file) => truncateSync(file, 1000),
  'with a header of 2^60 bytes': (file) => {
    const bytes = readFileSync(file);
    bytes.writeBigUInt64LE(2n ** 60n, 0);
    writeFileSync(file, bytes);
  },
};

for (const [how, damage] of Object.entries(damages)) {
  test(`model.safetensors ${how}: exit code 2 and one line`, async (t) => {
    await fitted;
    const copy = `damaged ${how}`;
    cpSync(join(folder, 'run'), join(folder, copy), { recursive: true });
    damage(join(folder, copy, 'model.safetensors'));
    const finished = await pushforward(folder, ['sample', copy, '-n', '2', '--out', `${copy}.csv`]);
    t.is(finished.code, 2, finished.stderr);
    t.regex(complaint(finished), /^pushforward: [^\n]*model[.]safetensors[^\n]*\n$/);
    t.false(existsSync(join(folder, `${copy}.csv`)));
  });
}

test('an ONNX file is no run folder, and neither is an empty one', async (t) => {
  await fitted;
  for (const run of ['run/generator.onnx', 'nowhere']) {
    const finished = await pushforward(folder, ['sample', run, '-n', '2']);
    t.is(finished.code, 2, finished.stderr);
    t.regex(complaint(finished), /^pushforward: [^\n]+\n$/);
  }
});
