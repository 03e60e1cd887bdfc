import { damagedFile, type PushforwardError } from '../errors.js';
import type { ColumnSchema, Level, TableSchema } from './types.js';

const KINDS = ['continuous', 'integer', 'categorical', 'ordinal', 'boolean', 'datetime', 'id'];
const TYPES = ['number', 'datetime', 'string', 'boolean'];

/**
 * Checks a schema that was saved as JSON.
 * @throws PushforwardError `damaged`, naming the column, when it is not one.
 */
export function parseSchema(json: unknown): TableSchema {
  const { version, columns } = (json ?? {}) as { version?: unknown; columns?: unknown };
  if (version !== 1 || !Array.isArray(columns)) throw damaged('it is not a schema of version 1');
  const parsed = columns.map(parseColumn);
  if (new Set(parsed.map(({ name }) => name)).size !== parsed.length)
    throw damaged('two columns share a name');
  return { version: 1, columns: parsed };
}

function parseColumn(json: unknown, index: number): ColumnSchema {
  const column = (json ?? {}) as { [key in keyof ColumnSchema]: unknown };
  const { name, kind, type, missing, dropped } = column;
  const check = (holds: boolean, what: string): void => {
    if (!holds) throw damaged(what, typeof name === 'string' ? name : `${index + 1}`);
  };
  check(typeof name === 'string', 'it has no name');
  check(KINDS.includes(kind as string), `its kind is ${kind}`);
  check(TYPES.includes(type as string), `its type is ${type}`);
  check(isNumber(missing) && missing >= 0 && missing <= 1, `its share of missing values is ${missing}`);
  check(dropped === undefined || typeof dropped === 'string', 'its reason for being left out is no text');
  const { constant, levels, minimum, maximum, step, lower, upper, atoms } = column;
  check(constant === undefined || isLevel(constant, type), 'its constant is not of its type');
  if (dropped === undefined) {
    if (kind === 'categorical' || kind === 'ordinal' || kind === 'boolean') {
      check(
        isListOf(levels, (level) => isLevel(level, type)) && levels.length > 0,
        'its levels are not of its type',
      );
    } else {
      check(kind !== 'id', 'it is an identifier, but not left out');
      check(type === 'number' || type === 'datetime', `its kind is ${kind}, its type ${type}`);
      check(isNumber(minimum) && isNumber(maximum) && minimum <= maximum, 'its range is not one');
      check(step === null || (isNumber(step) && step > 0), `its step is ${step}`);
      check(isNumberOrNull(lower) && isNumberOrNull(upper), 'its bounds are no numbers');
      check(atoms === undefined || isListOf(atoms, isNumber), 'its atoms are no list of numbers');
    }
  }
  return json as ColumnSchema;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || isNumber(value);
}

function isLevel(value: unknown, type: unknown): value is Level {
  return type === 'datetime'
    ? isNumber(value)
    : typeof value === type && (type !== 'number' || isNumber(value));
}

function isListOf(list: unknown, holds: (item: unknown) => boolean): list is unknown[] {
  return Array.isArray(list) && list.every(holds) && new Set(list).size === list.length;
}

function damaged(what: string, column?: string): PushforwardError {
  return damagedFile(column === undefined ? 'schema' : `schema, column ${column}`, what);
}
