import { PushforwardError } from '../errors.js';
import type { OnnxColumn } from './metadata.js';
import type { RunTensor } from './protocol.js';

/** A raw value. null, undefined, NaN and '' are missing. */
export type RawValue = string | number | bigint | boolean | Date | null | undefined;

/** A column of new rows: text with null for missing, numbers with NaN for missing (dates in milliseconds), truth values. */
export type SampledColumn = (string | null)[] | Float64Array | boolean[];

function shown(value: RawValue): string {
  if (typeof value === 'string') return `"${value}"`;
  return value instanceof Date ? 'a date' : String(value);
}

function refuse(column: OnnxColumn, row: number, value: RawValue, wanted: string): never {
  throw new PushforwardError('input', `${shown(value)} is not ${wanted}`, {
    where: `column "${column.name}", row ${row + 1}`,
  });
}

/** Dates as milliseconds and truth values as 0 and 1; other values as they are. */
function plain(column: OnnxColumn, value: RawValue): Exclude<RawValue, Date | boolean> {
  if (value instanceof Date && column.datetime === true) return value.getTime();
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value as Exclude<RawValue, Date | boolean>;
}

function toText(column: OnnxColumn, value: RawValue, row: number): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : refuse(column, row, value, 'a text');
}

function toDouble(column: OnnxColumn, value: RawValue, row: number): number {
  const number = plain(column, value);
  if (number === null || number === undefined) return Number.NaN;
  if (typeof number === 'number' || typeof number === 'bigint') return Number(number);
  return refuse(
    column,
    row,
    value,
    column.datetime === true ? 'a date or a number of milliseconds' : 'a number',
  );
}

function toInteger(column: OnnxColumn, value: RawValue, row: number): bigint {
  const number = plain(column, value);
  if (typeof number === 'bigint') return number;
  if (typeof number === 'number' && Number.isInteger(number)) return BigInt(number);
  return refuse(column, row, value, 'a whole number, and the fit saw no gaps in this column');
}

function toTruth(column: OnnxColumn, value: RawValue, row: number): number {
  const number = plain(column, value);
  if (number === 0 || number === 1) return number;
  return refuse(column, row, value, 'true or false, and the fit saw no gaps in this column');
}

/**
 * Rows `from` to `to` of a raw column as the graph takes it: [rows], or [packs, pac] where it wants packs. Throws `input` naming column and row (the
 * first is 1) for a value of another kind.
 */
export function encodeColumn(
  column: OnnxColumn,
  values: ArrayLike<RawValue>,
  from: number,
  to: number,
  pac: number | null = null,
): RunTensor {
  const length = to - from;
  const convert = <T>(one: (column: OnnxColumn, value: RawValue, row: number) => T): T[] =>
    Array.from({ length }, (_, i) => one(column, values[from + i], from + i));
  const { type } = column;
  const dims = pac === null ? [length] : [length / pac, pac];
  switch (type) {
    case 'string':
      return { type, dims, data: convert(toText) };
    case 'float64':
      return { type, dims, data: Float64Array.from(convert(toDouble)) };
    case 'int64':
      return { type, dims, data: BigInt64Array.from(convert(toInteger)) };
    case 'bool':
      return { type, dims, data: Uint8Array.from(convert(toTruth)) };
  }
}

/** A column of the graph's output as JavaScript holds it. Whole numbers are exact up to 2^53. */
export function decodeColumn({ type, data }: RunTensor): SampledColumn {
  switch (type) {
    case 'string':
      return Array.from(data as readonly string[], (text) => (text === '' ? null : text));
    case 'int64':
      return Float64Array.from(data as BigInt64Array, Number);
    case 'bool':
      return Array.from(data as Uint8Array, (value) => value !== 0);
    default:
      return Float64Array.from(data as Float64Array);
  }
}

/** Parts of one column in one piece, in the form that its type has. */
export function joinColumns({ type }: OnnxColumn, parts: readonly SampledColumn[]): SampledColumn {
  if (type === 'string' || type === 'bool') return (parts as (string | null)[][]).flat();
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts as readonly Float64Array[]) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
