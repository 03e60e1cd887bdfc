import test from 'ava';
import { joinParts, splitRows, takeRows, takeTableRows } from '../../src/data/split.js';
import { expectFailure, tableOf } from './files.js';

test('the parts are disjoint, whole, of the sizes asked for, and empty for a share of 0 alone', (t) => {
  for (const n of [3, 4, 9, 100, 1001]) {
    for (const [share, other] of [
      [0, 0],
      [0.1, 0],
      [0, 0.1],
      [0.1, 0.1],
      [0.33, 0.33],
    ] as const) {
      const { train, validation, test: held } = splitRows(n, { validation: share, test: other, seed: 5 });
      t.deepEqual(
        [...train, ...validation, ...held].sort((a, b) => a - b),
        Array.from({ length: n }, (_, i) => i),
      );
      t.true(train.length >= 1);
      t.deepEqual([validation.length > 0, held.length > 0], [share > 0, other > 0]);
      t.true(Math.abs(held.length - n * other) <= 1 && Math.abs(validation.length - n * share) <= 1);
    }
  }
  t.is(splitRows(1, { validation: 0, test: 0, seed: 0 }).train.length, 1);
});

test('two parts are joined in order, and may be longer than a call has arguments', (t) => {
  const n = 300_000;
  const { train, validation } = splitRows(n, { validation: 0.5, test: 0, seed: 1 });
  const joined = joinParts(train, validation);
  t.true(joined.length === n && joined.every((row, i) => row === i));
});

test('the seed decides, and every row can land anywhere', (t) => {
  const options = { validation: 0.2, test: 0.2 };
  t.deepEqual(splitRows(50, { ...options, seed: 1 }), splitRows(50, { ...options, seed: 1 }));
  t.notDeepEqual(splitRows(50, { ...options, seed: 1 }), splitRows(50, { ...options, seed: 2 }));
  const held = new Float64Array(10);
  for (let seed = 0; seed < 2000; seed++)
    for (const row of splitRows(10, { ...options, seed }).test) held[row] = (held[row] as number) + 1;
  // 400 expected for each row, with a standard deviation of 18.
  t.true(
    held.every((count) => Math.abs(count - 400) < 90),
    `${held}`,
  );
});

test('too few rows, and shares that leave none', async (t) => {
  await expectFailure(t, () => splitRows(2, { validation: 0.1, test: 0.1, seed: 0 }), 'input', '2 rows');
  await expectFailure(t, () => splitRows(1, { validation: 0.1, test: 0, seed: 0 }), 'input', '1 row cannot');
  for (const [validation, share] of [
    [0.5, 0.5],
    [-0.1, 0.1],
    [Number.NaN, 0.1],
  ] as const) {
    await expectFailure(t, () => splitRows(10, { validation, test: share, seed: 0 }), 'usage');
  }
});

test('rows are taken in the order given', (t) => {
  const encoded = {
    rows: 3,
    codes: Int32Array.of(1, 2, 3, 4, 5, 6),
    numbers: Float32Array.of(0.5, 1.5, 2.5),
    unseen: Uint8Array.of(0, 1, 0),
  };
  t.deepEqual(takeRows(encoded, Int32Array.of(2, 0)), {
    rows: 2,
    codes: Int32Array.of(5, 6, 1, 2),
    numbers: Float32Array.of(2.5, 0.5),
    unseen: Uint8Array.of(0, 0),
  });
  t.is(takeRows(encoded, new Int32Array()).codes.length, 0);
  const table = tableOf({ x: Float64Array.of(1, 2, 3), s: ['a', null, 'c'], b: [true, false, null] });
  t.deepEqual(
    takeTableRows(table, Int32Array.of(2, 1)).columns.map(({ values }) => [...values]),
    [
      [3, 2],
      ['c', null],
      [null, false],
    ],
  );
});
