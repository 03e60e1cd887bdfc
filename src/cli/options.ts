import { type Command, InvalidArgumentError, Option } from 'commander';
import { type BackendName, backendNames } from '../backend/names.js';
import type { ColumnKind } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import { alignColumns, indent } from '../report/columns.js';
import type { TableSource } from '../runs/types.js';
import { catalogue, modelNames } from '../tables/catalogue.js';

const kinds: readonly ColumnKind[] = [
  'continuous',
  'integer',
  'categorical',
  'ordinal',
  'boolean',
  'datetime',
  'id',
];

/** A decimal number; `Number` alone would let '' and '0x10' pass. */
function number(text: string): number {
  return /^[+-]?(\d+[.]?\d*|[.]\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** A whole number of at least `least`, exact in a double. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = number(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    }
    return value;
  };
}

export function positiveNumber(text: string): number {
  const value = number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function nonNegativeNumber(text: string): number {
  const value = number(text);
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InvalidArgumentError('It must be a number of at least 0.');
  }
  return value;
}

/** A share of the rows, above 0 and below 1. */
export function share(text: string): number {
  const value = number(text);
  if (!(value > 0 && value < 1))
    throw new InvalidArgumentError('It must be a share between 0 and 1, such as 0.1.');
  return value;
}

/** Collects `--column name=kind`; the name may hold an equals sign, the kind cannot. */
export function columnKind(
  text: string,
  earlier: Readonly<Record<string, ColumnKind>> = {},
): Record<string, ColumnKind> {
  const cut = text.lastIndexOf('=');
  const name = text.slice(0, cut);
  const kind = kinds.find((known) => known === text.slice(cut + 1));
  if (cut < 1 || kind === undefined) {
    throw new InvalidArgumentError(`It must be name=kind with kind one of ${kinds.join(', ')}.`);
  }
  if (Object.hasOwn(earlier, name)) throw new InvalidArgumentError(`Column ${name} is given twice.`);
  return { ...earlier, [name]: kind };
}

/** Widths of hidden layers: 64,64. */
export function widths(text: string): number[] {
  const values = text.split(',').map(number);
  if (!values.every((value) => Number.isSafeInteger(value) && value >= 1)) {
    throw new InvalidArgumentError(
      'It must be whole numbers of at least 1 with commas between, such as 64,64.',
    );
  }
  return values;
}

/** The models that can be fitted, a line each. */
export function modelList(): string {
  const rows = modelNames.map((name) => [name, catalogue[name].use]);
  return indent(alignColumns(rows, ['left', 'left']));
}

/** Collects an option that may be given more than once. */
export function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}

/** The options every command takes; `draws` says what the seed is of, when anything is drawn. */
export function addCommonOptions(command: Command, draws?: string): Command {
  const seed =
    draws === undefined
      ? 'taken by every command; this one draws nothing at random'
      : `seed of ${draws} (default: 0)`;
  return command
    .addOption(new Option('--seed <n>', seed).argParser(wholeNumber(0)))
    .option('--json', 'print one JSON object on stdout and nothing else there')
    .option('--quiet', 'no progress: only the result, warnings and errors');
}

/** What `addBackendOption` adds. */
export interface BackendOption {
  readonly backend?: BackendName;
}

/** The option of every command that runs a model. */
export function addBackendOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--backend <name>',
      'backend of TensorFlow.js: native (default), cpu, or tensorflow, which @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node has',
    ).choices(backendNames),
  );
}

/** The rows a command works on: exactly one of a file and a query. */
export function tableSource(table: string | undefined, sql: string | undefined): TableSource {
  if (table !== undefined && sql !== undefined) {
    throw new PushforwardError('usage', `both the table ${table} and --sql are given`, {
      mend: 'give one of them',
    });
  }
  if (sql !== undefined) return { sql };
  if (table === undefined) {
    throw new PushforwardError('usage', 'no data is given', {
      mend: 'name a file or a folder, or give --sql "select …"',
    });
  }
  return table;
}

/** Those of the flags that were given, of these names. */
export function givenFlags<Flags extends object, Name extends keyof Flags>(
  flags: Flags,
  names: readonly Name[],
): { [Key in Name]?: Exclude<Flags[Key], undefined> } {
  const entries = names.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]]));
  return Object.fromEntries(entries);
}

/** @throws PushforwardError `usage` for a flag of tables given with images, or of images given with a table. */
export function refuseFlagsOf(owner: 'tables' | 'images', flags: object, names: readonly string[]): void {
  const given = flags as Readonly<Record<string, unknown>>;
  const found = names.find((name) => given[name] !== undefined);
  if (found === undefined) return;
  const actual = owner === 'tables' ? 'these are images' : 'this is a table';
  throw new PushforwardError('usage', `--${found} is for ${owner}, and ${actual}`, { mend: 'leave it out' });
}
