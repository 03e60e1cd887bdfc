import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { modelNames } from '../../src/tables/catalogue.js';
import { fakeRun, fitEvents, report, runFake, table } from './fake.js';

/** One line, said by the program. */
const oneLine = /^pushforward: [^\n]+\n$/;

const wrongUsage: readonly (readonly [argv: string, says: RegExp])[] = [
  ['', /no command is given; see pushforward --help/],
  ['fitt rows.csv', /unknown command 'fitt' \(Did you mean fit\?\)/],
  ['diagnose run', /unknown command 'diagnose'/],
  [
    'fit rows.csv --epoch 3',
    /unknown option '--epoch' \(Did you mean --epochs\?\); see pushforward fit --help/,
  ],
  ['fit photos --condition label', /Allowed choices are labels; see pushforward fit --help/],
  ['fit rows.csv other.csv', /too many arguments/],
  ['fit', /no data is given/],
  ['fit rows.csv --sql select', /both the table rows.csv and --sql/],
  ['fit rows.csv --epochs 0', /--epochs.*whole number of at least 1/],
  ['fit rows.csv --epochs 2.5', /--epochs.*whole number/],
  ['fit rows.csv --epochs 0x10', /--epochs.*whole number/],
  ['fit rows.csv --batch-size -4', /--batch-size.*whole number/],
  ['fit rows.csv --learning-rate 0', /--learning-rate.*above 0/],
  ['fit rows.csv --learning-rate 1e999', /--learning-rate.*above 0/],
  ['fit rows.csv --patience x', /--patience.*whole number/],
  ['fit rows.csv --validation 1', /--validation.*share/],
  ['fit rows.csv --test 10', /--test.*share/],
  ['fit rows.csv --seed -1', /--seed.*at least 0/],
  ['fit rows.csv --seed 9007199254740993', /--seed.*whole number/],
  ['fit rows.csv --column age', /--column.*name=kind/],
  ['fit rows.csv --column age=number', /--column.*continuous, integer/],
  ['fit rows.csv --column age=integer --column age=ordinal', /age is given twice/],
  ['fit rows.csv --column age=integer --drop age', /both --drop and --column/],
  ['fit rows.csv --model realnvp', /no model realnvp; give one of nice, .*the nearest is realNvp/],
  ['fit rows.csv --layers 0', /--layers.*at least 1/],
  ['fit rows.csv --hidden 64,,8', /--hidden.*such as 64,64/],
  ['fit rows.csv --hidden 64x64', /--hidden.*such as 64,64/],
  ['fit rows.csv --bins 1', /--bins.*at least 2/],
  ['fit rows.csv --resume --overwrite', /--resume.*--overwrite/],
  ['sample run', /'-n, --rows <n>' not specified/],
  ['sample run -n 0', /whole number of at least 1/],
  ['sample run -n 5 --temperature -1', /--temperature.*at least 0/],
  ['score run', /no data is given/],
  ['classifier digits', /--out <file>' not specified/],
  ['export run', /--out <folder>' not specified/],
  ['evaluate run rows.csv --classifier digits.safetensors', /--classifier is for images/],
  ['info absent', /absent: is no run folder/],
];

for (const [argv, says] of wrongUsage) {
  test(`wrong usage is one line and exit code 2: pushforward ${argv}`, async (t) => {
    const { code, stdout, stderr, fitted } = await runFake(argv.split(' ').filter((word) => word !== ''));
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, oneLine);
    t.regex(stderr, says);
    t.is(fitted, undefined, 'nothing is fitted');
  });
}

test('fit hands every option to the library, and nothing that was not given', async (t) => {
  const bare = await runFake(['fit', 'rows.csv']);
  t.is(bare.code, 0);
  const { signal, onEvent, ...options } = bare.fitted?.options ?? {};
  t.deepEqual(options, { out: 'run' });

  const words =
    'fit rows.csv --out a --column x=y=integer --column z=id --drop u --drop v --no-header --epochs 7 --batch-size 8 ' +
    '--model nsf --layers 3 --hidden 32,16 --bins 6 --learning-rate 1e-2 --patience 9 --validation 0.2 --test .3 --seed 4 --overwrite --quiet';
  const full = await runFake(words.split(' '));
  const given = full.fitted?.options ?? {};
  t.deepEqual(
    { ...given, signal: undefined, onEvent: undefined },
    {
      out: 'a',
      columns: { 'x=y': 'integer', z: 'id' },
      drop: ['u', 'v'],
      header: false,
      model: { name: 'nsf', layers: 3, hidden: [32, 16], bins: 6 },
      epochs: 7,
      batchSize: 8,
      learningRate: 0.01,
      patience: 9,
      validation: 0.2,
      test: 0.3,
      seed: 4,
      overwrite: true,
      signal: undefined,
      onEvent: undefined,
    },
  );
  t.true((await runFake(['fit', 'rows.csv', '--header'])).fitted?.options.header);
});

test('the help of fit lists the models, a line each', async (t) => {
  const { stdout } = await runFake(['fit', '--help']);
  for (const name of modelNames) t.regex(stdout, new RegExp(`^ {2}${name} {2,}\\S.*$`, 'm'));
});

test('fit, info and evaluate name the model', async (t) => {
  t.regex((await runFake(['fit', 'rows.csv'])).stdout, /^model +nsf$/m);
  const info = await runFake(['info', 'run']);
  t.regex(info.stdout, /^run: nsf of 5 layers, hidden 64-32, 8 bins, fitted in/m);
  t.regex(info.stdout, /^files: run\/generator.onnx, run\/density.onnx$/m);
  const { stdout } = await runFake(['evaluate', 'run', 'rows.csv', '--json']);
  t.is((JSON.parse(stdout) as { model: unknown }).model, 'nsf');
});

test('a query stands in for a file', async (t) => {
  const { code, fitted } = await runFake(['fit', '--sql', "select * from 'x.parquet'"]);
  t.is(code, 0);
  t.deepEqual(fitted?.source, { sql: "select * from 'x.parquet'" });
});

const commands: readonly (readonly [argv: string, keys: readonly string[]])[] = [
  ['fit rows.csv', ['rows', 'logLikelihood', 'baselines', 'seconds', 'onnx', 'warnings']],
  ['sample run -n 2', ['rows', 'seed', 'samples']],
  ['sample run -n 2 --out new.csv', ['rows', 'seed', 'out']],
  ['score run rows.csv', ['rows', 'unseenRows', 'logProb']],
  ['score run rows.csv --out scored.csv', ['rows', 'unseenRows', 'out']],
  ['evaluate run rows.csv', ['rows', 'logLikelihood', 'baselines', 'seconds']],
  ['export run --out model', ['folder', 'files', 'onnx', 'seconds']],
  ['info', ['version', 'addon', 'tfjs', 'onnxruntime', 'duckdb']],
  ['info run', ['version', 'run']],
];

for (const [argv, keys] of commands) {
  test(`--json is one object and nothing else on stdout: pushforward ${argv}`, async (t) => {
    const fit = async (_source: unknown, { onEvent }: { onEvent?: (event: never) => void }) => {
      for (const event of fitEvents(2)) onEvent?.(event as never);
      return fakeRun;
    };
    const { code, stdout } = await runFake([...argv.split(' '), '--json'], { fit });
    t.is(code, 0);
    t.regex(stdout, /^[^\n]+\n$/);
    const object = JSON.parse(stdout) as Record<string, unknown>;
    for (const key of keys) t.true(Object.hasOwn(object, key), key);
  });

  test(`every command takes --seed, --quiet and --help with an example: pushforward ${argv}`, async (t) => {
    const quiet = await runFake([...argv.split(' '), '--seed', '3', '--quiet']);
    t.is(quiet.code, 0);
    if (!argv.startsWith('score')) t.is(quiet.stderr, '');
    const help = await runFake([argv.split(' ')[0] ?? '', '--help']);
    t.is(help.code, 0);
    t.is(help.stderr, '');
    t.regex(help.stdout, /Example:\n {2}\$ pushforward /);
  });
}

test('samples in JSON: missing is null and dates are ISO 8601', async (t) => {
  const { stdout } = await runFake(['sample', 'run', '-n', '2', '--json']);
  t.deepEqual(JSON.parse(stdout), {
    rows: 2,
    seed: 0,
    samples: [
      { age: 31, job: 'baker', since: '1970-01-01' },
      { age: null, job: null, since: null },
    ],
  });
});

test('an error under --json is an object on stdout as well, with the same exit code', async (t) => {
  const usage = await runFake(['fit', 'rows.csv', '--epoch', '3', '--json']);
  t.is(usage.code, 2);
  t.regex(usage.stderr, oneLine);
  const { error } = JSON.parse(usage.stdout) as { error: Record<string, unknown> };
  t.is(error.code, 'usage');
  t.regex(String(error.message), /--epochs/);
  const input = await runFake(['evaluate', 'absent', 'rows.csv', '--json']);
  t.is(input.code, 2);
  t.deepEqual(JSON.parse(input.stdout), {
    error: { code: 'input', message: 'absent: is no run folder', where: 'absent', mend: null },
  });
});

for (const [code, exitCode] of [
  ['usage', 2],
  ['input', 2],
  ['shape', 2],
  ['damaged', 2],
  ['numeric', 1],
  ['unsupported', 1],
  ['disagreement', 1],
] as const) {
  test(`a failure of kind ${code} exits ${exitCode}`, async (t) => {
    const outcome = await runFake(['fit', 'rows.csv'], {
      fit: async () => {
        throw new PushforwardError(code, 'went wrong\nhere', { where: 'rows.csv', mend: 'try again' });
      },
    });
    t.is(outcome.code, exitCode);
    t.is(outcome.stderr, 'pushforward: rows.csv: went wrong here; try again\n');
  });
}

test('a failure nobody expected is one line too, with its stack only when asked for', async (t) => {
  const fit = () => Promise.reject(new TypeError('x is not a function'));
  const plain = await runFake(['fit', 'rows.csv'], { fit });
  t.is(plain.code, 1);
  t.regex(plain.stderr, oneLine);
  t.regex(plain.stderr, /TypeError: x is not a function.*PUSHFORWARD_DEBUG=1/);
  const debug = await runFake(['fit', 'rows.csv'], { fit, debug: true });
  t.regex(debug.stderr, /\n {4}at /);
});

test('Ctrl-C is told to the fit, whose end by it is exit code 130', async (t) => {
  const outcome = await runFake(['fit', 'rows.csv', '--json'], {
    interrupt: true,
    fit: async (_source, { signal }) => {
      throw signal?.aborted
        ? new PushforwardError('aborted', 'stopped after epoch 3', { mend: 'go on with --resume' })
        : new Error('not told');
    },
  });
  t.is(outcome.code, 130);
  t.regex(outcome.stderr, /pushforward: stopped after epoch 3; go on with --resume\n$/);
  t.is((JSON.parse(outcome.stdout) as { error: { code: string } }).error.code, 'aborted');
});

test('a fit that ends before it hears of Ctrl-C is a fit', async (t) => {
  t.is((await runFake(['fit', 'rows.csv'], { interrupt: true })).code, 0);
});

test('sample and score write CSV on stdout when no file is named', async (t) => {
  t.is((await runFake(['sample', 'run', '-n', '2'])).stdout, 'age,job,since\n31,baker,1970-01-01\n,,\n');
  t.is(
    (await runFake(['score', 'run', 'rows.csv'])).stdout,
    'age,job,since,log_prob\n31,baker,1970-01-01,-1.5\n,,,-Infinity\n',
  );
});

test('score adds its column, and counts in a warning the rows that cannot be', async (t) => {
  const { code, written, stderr } = await runFake([
    'score',
    'run',
    'rows.csv',
    '--out',
    'scored.csv',
    '--quiet',
  ]);
  t.is(code, 0);
  t.deepEqual(
    written.get('scored.csv')?.columns.at(-1)?.values,
    Float64Array.of(-1.5, Number.NEGATIVE_INFINITY),
  );
  t.regex(stderr, /^pushforward: warning: 1 of 2 rows hold a value that the fit never saw/);
});

test('score does not overwrite a column', async (t) => {
  const scored = {
    rows: 1,
    source: 'scored.csv',
    columns: [{ name: 'log_prob', type: 'number' as const, values: Float64Array.of(0) }],
  };
  const score = async () => ({
    logProb: Float64Array.of(0),
    latentSamples: null,
    unseen: Uint8Array.of(0),
    table: scored,
  });
  const { code, stderr } = await runFake(['score', 'run', 'scored.csv'], { run: { score } });
  t.is(code, 2);
  t.regex(stderr, /scored.csv: it has a column log_prob already/);
});

test('scores that are estimates are said to be: in JSON, beside rows on stdout, and in the line about a file', async (t) => {
  const estimates = {
    logProb: Float64Array.of(-1, -2),
    latentSamples: 256,
    unseen: new Uint8Array(2),
    table,
  };
  const run = { score: async () => estimates };
  const json = await runFake(['score', 'run', 'rows.csv', '--json'], { run });
  t.is((JSON.parse(json.stdout) as { latentSamples: number }).latentSamples, 256);
  const rows = await runFake(['score', 'run', 'rows.csv'], { run });
  t.regex(rows.stderr, /^log_prob: estimates with 256 draws a row, on average below the log-density\n$/);
  t.is((await runFake(['score', 'run', 'rows.csv', '--quiet'], { run })).stderr, '');
  const file = await runFake(['score', 'run', 'rows.csv', '--out', 'scored.csv'], { run });
  t.regex(file.stdout, /2 scored rows in scored.csv: estimates with 256 draws/);
});

test('a model without a density is read by its rows alone', async (t) => {
  const figures = {
    mmd: 0.25,
    energy: 0.5,
    slicedWasserstein: 0.125,
    precision: 0.75,
    recall: 0.5,
    density: 0.875,
    coverage: 0.625,
  };
  const samples = { rows: 17, model: figures, real: { ...figures, mmd: 0.0625 } };
  const without = { ...report, model: 'gan' as const, logLikelihood: null, standardError: null, samples };
  const { stdout } = await runFake(['evaluate', 'run', 'rows.csv'], {
    run: { evaluate: async () => without },
  });
  t.regex(stdout, /^34 rows; this model has no density\n/);
  t.notRegex(stdout, /independent columns/);
  t.regex(stdout, /17 new rows against as many real ones/);
  t.regex(stdout, /MMD², median kernel +0[.]250 +0[.]063 {2}lower is better\n/);
});

test('people read the model beside its baselines', async (t) => {
  const { stdout } = await runFake(['evaluate', 'run', 'rows.csv']);
  t.regex(stdout, /this model +-3[.]250 {2}± 0[.]500\n/);
  t.regex(stdout, /full-covariance Gaussian +-4[.]500 {2}model ahead by 1[.]250\n/);
  t.regex(stdout, /independent columns +-6[.]000/);
  t.is(report.baselines.gaussian, -4.5);
});

test('--version says the version', async (t) => {
  const { code, stdout } = await runFake(['--version']);
  t.is(code, 0);
  t.is(stdout, '1.2.3\n');
});

test('a reader that stops early is no failure', async (t) => {
  const sample = () => Promise.reject(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  const { code, stderr } = await runFake(['sample', 'run', '-n', '2'], { run: { sample } });
  t.is(code, 0);
  t.is(stderr, '');
});

test('options of images are refused for a run of a table', async (t) => {
  for (const command of ['score', 'evaluate']) {
    const { code, stderr } = await runFake([command, 'run', 'rows.csv', '--samples', '9']);
    t.is(code, 2);
    t.regex(stderr, /^pushforward: --samples is for images[^\n]*\n$/);
  }
});
