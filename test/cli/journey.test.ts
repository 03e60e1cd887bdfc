import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadOnnx } from '../../src/onnx/load.js';
import { commandFile, pushforward, temporaryFolder } from './binary.js';

const folder = temporaryFolder();
const penguins = join(process.cwd(), 'examples', 'penguins.csv');
const epochs = 30;
const fitTo = (out: string, ...more: readonly string[]): string[] => [
  'fit',
  penguins,
  '--out',
  out,
  '--epochs',
  String(epochs),
  '--seed',
  '5',
  ...more,
];

/** One fit that the tests below share. */
const fitted = pushforward(folder, fitTo('run', '--json'));

const weights = (run: string): Buffer => readFileSync(join(folder, run, 'model.safetensors'));

/** Two numbers that differ by a rounding, or two that are both not there. */
function close(value: number, expected: number, tolerance: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(value);
  return Math.abs(value - expected) <= tolerance * Math.max(1, Math.abs(expected));
}

async function json(...argv: readonly string[]): Promise<Record<string, unknown>> {
  await fitted;
  const { stdout } = await pushforward(folder, [...argv, '--json']);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('fit prints its progress on stderr and its report on stdout', async (t) => {
  const { code, stdout, stderr } = await fitted;
  t.is(code, 0, stderr);
  t.regex(stderr, /penguins[.]csv: 344 rows/);
  t.regex(stderr, /^ *10\/30 /m);
  const report = JSON.parse(stdout) as { files: string[]; onnx: { maxRelativeError: number } };
  t.true(report.onnx.maxRelativeError < 1e-4);
  for (const file of report.files) t.true(existsSync(join(folder, 'run', file)), file);
});

test('a fit that Ctrl-C stopped and --resume went on with ends with the weights of one that was not stopped', async (t) => {
  await fitted;
  const stopped = await pushforward(folder, fitTo('stopped'), { until: /^ *10\/30 /m, signal: 'SIGINT' });
  t.is(stopped.code, 130, stopped.stderr);
  t.regex(stopped.stderr, /\npushforward: [^\n]*stopped after epoch 1\d;[^\n]*--resume\n$/);
  t.false(existsSync(join(folder, 'stopped', 'model.safetensors')));
  const resumed = await pushforward(folder, fitTo('stopped', '--resume', '--quiet'));
  t.is(resumed.code, 0, resumed.stderr);
  t.true(weights('stopped').equals(weights('run')));
});

test('sample gives the same rows for the same seed, in a file and on stdout', async (t) => {
  await fitted;
  const argv = ['sample', 'run', '-n', '200', '--seed', '3'];
  const written = await pushforward(folder, [...argv, '--out', 'new.csv']);
  t.is(written.code, 0, written.stderr);
  const printed = await pushforward(folder, argv);
  t.is(printed.stdout, readFileSync(join(folder, 'new.csv'), 'utf8'));
  t.is(printed.stdout.split('\n')[0], readFileSync(penguins, 'utf8').split('\n')[0]);
  t.is(printed.stdout.trimEnd().split('\n').length, 201);
});

test('evaluate is the mean of what score gives', async (t) => {
  const { logProb } = (await json('score', 'run', penguins)) as { logProb: number[] };
  const { logLikelihood, rows } = (await json('evaluate', 'run', penguins)) as Record<string, number>;
  t.is(rows, 344);
  const mean = logProb.reduce((sum, value) => sum + value, 0) / logProb.length;
  t.true(Math.abs((logLikelihood ?? Number.NaN) - mean) < 1e-6);
});

test('the exported files give the rows and densities that the commands give', async (t) => {
  const { samples } = (await json('sample', 'run', '-n', '40', '--seed', '3')) as {
    samples: Record<string, unknown>[];
  };
  const report = (await json('export', 'run', '--out', 'model')) as { onnx: { maxRelativeError: number } };
  t.true(report.onnx.maxRelativeError < 1e-4);
  const generator = await loadOnnx(join(folder, 'model', 'generator.onnx'));
  const rows = await generator.sample(40, { seed: 3 });
  for (const [name, values] of Object.entries(rows)) {
    for (const [row, value] of Array.from(values as ArrayLike<unknown>).entries()) {
      const expected = samples[row]?.[name];
      const wanted = typeof value === 'number' ? (expected ?? Number.NaN) : expected;
      t.is(value, wanted, `${name}, row ${row}`);
    }
  }
  writeFileSync(join(folder, 'samples.json'), JSON.stringify(samples));
  const { logProb } = (await json('score', 'run', 'samples.json')) as { logProb: number[] };
  const density = await loadOnnx(join(folder, 'model', 'density.onnx'));
  const scores = await density.score(rows);
  t.true(logProb.every((value, row) => close(scores[row] ?? Number.NaN, value, 1e-4)));
  await Promise.all([generator.close(), density.close()]);
});

test('info shows the columns and figures of a run', async (t) => {
  const { run } = (await json('info', 'run')) as {
    run: { schema: { columns: unknown[] }; report: { rows: number } };
  };
  t.is(run.schema.columns.length, 8);
  t.true(run.report.rows > 0);
});

test('a query is fitted and scored as a file is', async (t) => {
  const sql = `select body_mass_g, sex from '${penguins}' where species = 'Gentoo'`;
  const fit = await pushforward(folder, ['fit', '--sql', sql, '--out', 'query', '--epochs', '1', '--quiet']);
  t.is(fit.code, 0, fit.stderr);
  const score = await pushforward(folder, ['score', 'query', '--sql', sql]);
  t.is(score.stdout.split('\n')[0], 'body_mass_g,sex,log_prob');
});

test('a reader that stops early is no failure', async (t) => {
  await fitted;
  const script = `"$1" "$2" sample run -n 20000 2> closed.txt | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const text = execFileSync('bash', ['-c', script, 'bash', process.execPath, commandFile], {
    cwd: folder,
    encoding: 'utf8',
  });
  t.regex(text, /^species,.*\n0\n$/);
  t.is(
    readFileSync(join(folder, 'closed.txt'), 'utf8').replace(/^pushforward: the native addon .*\n/, ''),
    '',
  );
});
