import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Random, streamOf } from '../src/random.js';

/** Numbers in rows, row-major. */
export interface Rows {
  readonly values: Float64Array;
  readonly columns: number;
}

/** A file of numbers: `.npy`, or `.csv.gz` without a header. @throws Error for anything else. */
export function readRows(file: string): Rows {
  const bytes = readFileSync(file);
  if (file.endsWith('.npy')) return readNpy(bytes);
  if (file.endsWith('.csv.gz')) return readCsv(gunzipSync(bytes).toString());
  throw new Error(`${file}: .npy and .csv.gz are read`);
}

/** NumPy's format, version 1, of a matrix of little-endian float32 or float64 in rows. */
export function readNpy(bytes: Uint8Array): Rows {
  const magic = [0x93, ...Buffer.from('NUMPY'), 1, 0];
  if (!magic.every((byte, i) => bytes[i] === byte)) throw new Error('npy: not a file of version 1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 10 + view.getUint16(8, true);
  const header = Buffer.from(bytes.subarray(10, start)).toString('latin1');
  const size = header.match(/'descr': '<f([48])'/)?.[1];
  const shape = header.match(/'shape': \((\d+), (\d+)\)/);
  if (size === undefined || shape === null || !header.includes("'fortran_order': False")) {
    throw new Error(`npy: ${header.trim()} is no matrix of floats in rows`);
  }
  const [count, columns] = [Number(shape[1]), Number(shape[2])];
  const width = Number(size);
  if (bytes.length !== start + count * columns * width) throw new Error('npy: the file is cut short');
  const values = Float64Array.from({ length: count * columns }, (_, i) => {
    const at = start + i * width;
    return width === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
  });
  return { values, columns };
}

function readCsv(text: string): Rows {
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const columns = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== columns || !row.every(Number.isFinite))) {
    throw new Error('csv: a row with another number of columns, or with something that is no number');
  }
  return { values: Float64Array.from(rows.flat()), columns };
}

export interface Parts {
  readonly columns: number;
  readonly train: Float32Array;
  readonly validation: Float32Array;
  readonly test: Float32Array;
}

/** Values further from their column's mean, in its deviations, are taken for broken readings. */
const FURTHEST = 10;

/**
 * At most `rows` rows in a shuffled order, of which 80 % train, 10 % validate and 10 % test, standardised
 * by the mean and deviation of the first part. Of the columns, the first `columns` that are continuous
 * stay: those with more different values than half the rows. Rows with a broken reading are left out: one
 * of them would decide a mean of log-likelihoods alone.
 */
export function split({ values, columns: width }: Rows, limits: { rows: number; columns: number }): Parts {
  const count = values.length / width;
  const kept = Array.from({ length: width }, (_, j) =>
    Float64Array.from({ length: count }, (_, i) => values[i * width + j] as number),
  )
    .filter((column) => new Set(column).size > count / 2)
    .slice(0, limits.columns);
  const scales = kept.map(moments);
  const isWhole = (row: number) =>
    kept.every((column, j) => Math.abs(standardised(column[row] as number, scales[j])) <= FURTHEST);
  const order = new Random(0, streamOf('quality')).permutation(count).filter(isWhole).slice(0, limits.rows);
  const trained = Math.floor(0.8 * order.length);
  const validated = Math.floor(0.9 * order.length);
  const scaled = new Float32Array(order.length * kept.length);
  kept.forEach((column, j) => {
    const x = Float64Array.from(order, (row) => column[row] as number);
    const scale = moments(x.subarray(0, trained));
    x.forEach((value, i) => {
      scaled[i * kept.length + j] = standardised(value, scale);
    });
  });
  const rowsOf = (from: number, to: number) => scaled.slice(from * kept.length, to * kept.length);
  return {
    columns: kept.length,
    train: rowsOf(0, trained),
    validation: rowsOf(trained, validated),
    test: rowsOf(validated, order.length),
  };
}

interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

function moments(x: Float64Array): Moments {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return { mean, deviation: Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length) };
}

function standardised(value: number, { mean, deviation }: Moments = { mean: 0, deviation: 1 }): number {
  return (value - mean) / deviation;
}
