import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Whether a value may stand in a field. */
export type Check = (value: unknown) => boolean;

/** The text of a file beside the sources of the benchmark, which TypeScript and Python both work by. */
export function readBeside(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../bench/${name}`, import.meta.url)), 'utf8');
}

/**
 * The objects of a JSON array, each with the fields that `fieldsOf` names for it; none has a name twice.
 *
 * @throws Error that names the entry and the field that is wrong.
 */
export function readEntries<T extends { readonly name: string }>(
  text: string,
  fieldsOf: (entry: Readonly<Record<string, unknown>>) => Readonly<Record<string, Check>>,
): T[] {
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries)) throw new Error('configurations: an array is wanted');
  const names = new Set<unknown>();
  return entries.map((entry: unknown, i) => {
    const record = (typeof entry === 'object' && entry !== null ? entry : {}) as Record<string, unknown>;
    for (const [field, isRight] of Object.entries({ name: named, ...fieldsOf(record) })) {
      if (isRight(record[field])) continue;
      throw new Error(`configurations: ${record.name ?? i}: ${field} is ${JSON.stringify(record[field])}`);
    }
    if (names.has(record.name)) throw new Error(`configurations: ${record.name} is there twice`);
    names.add(record.name);
    return record as unknown as T;
  });
}

const named: Check = (value) => typeof value === 'string' && value !== '';

export const whole =
  (least: number): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least;

/** A list of whole numbers, of this many or of any number of them above none. */
export const listOf =
  (least: number, count?: number): Check =>
  (value) =>
    Array.isArray(value) &&
    (count === undefined ? value.length > 0 : value.length === count) &&
    value.every(whole(least));

export const oneOf =
  (names: readonly string[]): Check =>
  (value) =>
    names.includes(value as string);
