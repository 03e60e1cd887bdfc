import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import type { EncodedRows, Table, TableColumn } from './types.js';

export interface SplitOptions {
  /** Shares of the rows, in [0, 1); what is left is for training. */
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
}

/** Row numbers of the three parts, ascending in each. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits n rows at random; a share of 0 gives an empty part, and no other part is empty.
 * @throws PushforwardError `usage` for shares that leave none to train on, `input` for fewer rows than parts.
 */
export function splitRows(n: number, { validation, test, seed }: SplitOptions): Split {
  if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
    throw new PushforwardError(
      'usage',
      `shares ${validation} and ${test} of held-out rows leave none to train on`,
      {
        mend: 'give two shares from 0 that add up to less than 1',
      },
    );
  }
  const [leastTest, leastValidation] = [Math.sign(test), Math.sign(validation)];
  const least = 1 + leastTest + leastValidation;
  if (n < least) {
    const what = `${n} ${n === 1 ? 'row cannot' : 'rows cannot'} be split into ${least} parts`;
    throw new PushforwardError('input', what, { mend: `give at least ${least} rows` });
  }
  const testRows = Math.min(Math.max(leastTest, Math.round(n * test)), n - 1 - leastValidation);
  const validationRows = Math.min(Math.max(leastValidation, Math.round(n * validation)), n - 1 - testRows);
  const order = new Random(seed, streamOf('split')).permutation(n);
  return {
    test: order.slice(0, testRows).sort(),
    validation: order.slice(testRows, testRows + validationRows).sort(),
    train: order.slice(testRows + validationRows).sort(),
  };
}

/** The rows of two parts as one, ascending. */
export function joinParts(one: Int32Array, other: Int32Array): Int32Array {
  const joined = new Int32Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined.sort();
}

/** Some of the rows, in the order given. */
export function takeRows(encoded: EncodedRows, rows: Int32Array): EncodedRows {
  const codeWidth = encoded.rows === 0 ? 0 : encoded.codes.length / encoded.rows;
  const numberWidth = encoded.rows === 0 ? 0 : encoded.numbers.length / encoded.rows;
  const codes = new Int32Array(rows.length * codeWidth);
  const numbers = new Float32Array(rows.length * numberWidth);
  rows.forEach((row, i) => {
    codes.set(encoded.codes.subarray(row * codeWidth, (row + 1) * codeWidth), i * codeWidth);
    numbers.set(encoded.numbers.subarray(row * numberWidth, (row + 1) * numberWidth), i * numberWidth);
  });
  return {
    rows: rows.length,
    codes,
    numbers,
    unseen: Uint8Array.from(rows, (row) => encoded.unseen[row] as number),
  };
}

/** Some of the rows of a table, in the order given. */
export function takeTableRows(table: Table, rows: Int32Array): Table {
  const columns = table.columns.map((column): TableColumn => {
    switch (column.type) {
      case 'string':
        return { ...column, values: Array.from(rows, (row) => column.values[row] ?? null) };
      case 'boolean':
        return { ...column, values: Array.from(rows, (row) => column.values[row] ?? null) };
      default:
        return { ...column, values: Float64Array.from(rows, (row) => column.values[row] as number) };
    }
  });
  return { ...table, rows: rows.length, columns };
}
