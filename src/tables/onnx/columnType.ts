import type { ColumnSchema, Level } from '../../data/types.js';
import type { ElementType, TensorValues } from '../../onnx/tensor.js';

/** Element type of a column in the ONNX files. */
export type ColumnElement = Extract<ElementType, 'string' | 'float64' | 'int64' | 'bool'>;

/**
 * How a column goes in and comes out: text as strings (a gap is ''), and without gaps whole numbers and
 * times (ms since 1970 UTC) as int64 and booleans as bool; anything else is float64 with NaN for a gap.
 */
export function columnElement(column: ColumnSchema): ColumnElement {
  if (column.type === 'string') return 'string';
  if (column.missing > 0) return 'float64';
  if (column.type === 'boolean') return 'bool';
  if (column.type === 'datetime') return 'int64';
  const levels = column.levels ?? (column.constant === undefined ? undefined : [column.constant]);
  const isWhole = levels === undefined ? column.kind === 'integer' : levels.every(Number.isSafeInteger);
  return isWhole ? 'int64' : 'float64';
}

/** Levels as values of that element type; `missing` adds the gap at the end. */
export function levelValues(
  levels: readonly Level[],
  element: ColumnElement,
  missing: boolean,
): TensorValues {
  switch (element) {
    case 'string':
      return [...levels.map(String), ...(missing ? [''] : [])];
    case 'int64':
      return BigInt64Array.from(levels, (level) => BigInt(Number(level)));
    case 'bool':
      return Uint8Array.from(levels, Number);
    case 'float64':
      return Float64Array.from([...levels.map(Number), ...(missing ? [Number.NaN] : [])]);
  }
}
