import test from 'ava';
import { readNpy, split } from '../../bench/tables.js';

/** A file of NumPy's version 1, as numpy.save writes it. */
function npy(descr: string, shape: string, data: ArrayBuffer, order = 'False'): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
  const header = Buffer.from(`${text.padEnd(117)}\n`);
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  return Buffer.concat([start, header, Buffer.from(data)]);
}

test('float32 and float64 matrices are read in rows', (t) => {
  const numbers = [1, -2.5, 0, 1e10, 3, 4];
  for (const [descr, data] of [
    ['<f4', Float32Array.from(numbers)],
    ['<f8', Float64Array.from(numbers)],
  ] as const) {
    const { values, columns } = readNpy(npy(descr, '(2, 3)', data.buffer));
    t.is(columns, 3);
    t.deepEqual([...values], numbers);
  }
});

test('other files are refused', (t) => {
  const { buffer } = new Float32Array(6);
  t.throws(() => readNpy(Buffer.from('1,2\n3,4\n')), { message: /npy/ });
  t.throws(() => readNpy(npy('<i4', '(2, 3)', buffer)), { message: /no matrix of floats/ });
  t.throws(() => readNpy(npy('<f4', '(6,)', buffer)), { message: /no matrix of floats/ });
  t.throws(() => readNpy(npy('<f4', '(2, 3)', buffer, 'True')), { message: /no matrix of floats/ });
  t.throws(() => readNpy(npy('<f4', '(2, 4)', buffer)), { message: /cut short/ });
});

test('continuous columns stay, rows with a broken reading go, and training rows are standardised', (t) => {
  const count = 500;
  const rows = Array.from({ length: count }, (_, i) => [Math.sin(i) * 3 + 7, i % 2, Math.cos(i * 1.7), i]);
  rows[17] = [7, 0, 1e6, 17];
  const values = Float64Array.from(rows.flat());
  const { columns, train, validation, test: held } = split({ values, columns: 4 }, { rows: 400, columns: 2 });
  t.is(columns, 2);
  t.deepEqual([train.length, validation.length, held.length], [640, 80, 80]);
  t.true([...train, ...validation, ...held].every((value) => Math.abs(value) < 5));
  for (const j of [0, 1]) {
    const column = train.filter((_, i) => i % 2 === j);
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    const square = column.reduce((sum, value) => sum + value * value, 0) / column.length;
    t.true(Math.abs(mean) < 1e-5 && Math.abs(square - 1) < 1e-5, `${mean}, ${square}`);
  }
});
