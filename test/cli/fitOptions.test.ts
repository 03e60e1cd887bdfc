import test from 'ava';
import type { CliContext } from '../../src/cli/context.js';
import { fitCommand } from '../../src/cli/fit.js';
import { runFake } from './fake.js';

/** A value of each option of `fit` that is not its default. */
const values: Readonly<Record<string, readonly string[]>> = {
  '--out': ['elsewhere'],
  '--sql': ['select 1'],
  '--column': ['zip=categorical'],
  '--drop': ['id'],
  '--header': [],
  '--no-header': [],
  '--model': ['gan'],
  '--layers': ['3'],
  '--hidden': ['8,8'],
  '--bins': ['4'],
  '--epochs': ['7'],
  '--batch-size': ['16'],
  '--learning-rate': ['0.01'],
  '--patience': ['5'],
  '--validation': ['0.2'],
  '--test': ['0.2'],
  '--resume': [],
  '--overwrite': [],
  '--latent': ['3'],
  '--likelihood': ['gaussian'],
  '--pac': ['2'],
  '--condition': ['labels'],
  '--part': ['test'],
  '--limit': ['50'],
  '--size': ['8x8'],
  '--channels': ['1'],
  '--seed': ['4'],
};

/** Options that are for the command itself. */
const ofCommand = ['--json', '--quiet', '--backend'];
const options = fitCommand({} as CliContext)
  .options.map(({ long }) => long ?? '')
  .filter((long) => !ofCommand.includes(long));

/** What the library is given for a command line, in JSON; undefined where it is not called. */
async function given(argv: readonly string[]) {
  const { code, stderr, fitted, fittedImages } = await runFake(['fit', ...argv, '--quiet']);
  const found = fitted ?? fittedImages;
  return { code, stderr, options: found && JSON.stringify(found.options) };
}

/** Options that are refused with some data, each in one line that names it and the mend. */
const refused = {
  'rows.csv': ['--sql', '--likelihood', '--condition', '--part', '--limit', '--size', '--channels'],
  'images-idx3-ubyte': [
    '--sql',
    '--column',
    '--drop',
    '--header',
    '--no-header',
    '--layers',
    '--hidden',
    '--bins',
  ],
};

for (const [data, others] of Object.entries(refused)) {
  test(`fit ${data}: every option reaches the library or is refused`, async (t) => {
    const plain = await given([data]);
    t.not(plain.options, undefined);
    for (const option of options) {
      const value = values[option];
      if (value === undefined) throw new Error(`give ${option} a value here`);
      const { code, stderr, options: found } = await given([data, option, ...value]);
      if (others.includes(option)) {
        t.is(code, 2, option);
        t.is(found, undefined, option);
        const name = option.replace('--no-', '--');
        t.regex(
          stderr,
          new RegExp(`^pushforward: [^\\n]*${name}[^\\n]*; (leave it out|give one of them)\\n$`),
        );
      } else {
        t.not(found, undefined, `${option}: ${stderr}`);
        t.not(found, plain.options, `${option} is dropped`);
      }
    }
  });
}
