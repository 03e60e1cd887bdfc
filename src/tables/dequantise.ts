import type { ColumnTransforms } from '../data/transforms.js';
import type { EncodedRows } from '../data/types.js';
import type { Random } from '../random.js';
import type { TableLayout } from './layout.js';

/**
 * One draw of noise for all rows: numbers on a grid spread evenly over their cells (Theis, van den Oord and Bethge
 * 2016), then transformed; y and log(dy/dx), [rows · d].
 */
export function dequantised(
  { numerics }: TableLayout,
  transforms: ColumnTransforms,
  { rows, numbers }: EncodedRows,
  random: Random,
): { y: Float32Array; logDet: Float32Array } {
  const d = numerics.length;
  const noise = random.uniform(new Float32Array(rows * d));
  const spread = numbers.map(
    (value, i) => value + (numerics[i % d]?.step ?? 0) * ((noise[i] as number) - 0.5),
  );
  return transforms.forwardRows(spread);
}

/** Rows one after the other, and so again, `copies` times. */
export function repeatRows(rows: EncodedRows, copies: number): EncodedRows {
  const repeat = <T extends Int32Array | Float32Array | Uint8Array>(values: T): T => {
    const result = new (values.constructor as new (length: number) => T)(values.length * copies);
    for (let k = 0; k < copies; k++) result.set(values, k * values.length);
    return result;
  };
  return {
    rows: rows.rows * copies,
    codes: repeat(rows.codes),
    numbers: repeat(rows.numbers),
    unseen: repeat(rows.unseen),
  };
}
