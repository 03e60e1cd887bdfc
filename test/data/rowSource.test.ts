import test from 'ava';
import { allRows, arrayRows, type RowSource } from '../../src/data/rowSource.js';

for (const [count, size] of [
  [7, 3],
  [6, 3],
  [2, 5],
] as const) {
  test(`all of ${count} rows come once, ${size} at a time, each piece told before the one ahead of it is read`, (t) => {
    const rows = arrayRows(
      Float32Array.from({ length: 2 * count }, (_, i) => i),
      2,
    );
    const log: string[] = [];
    const watched: RowSource = {
      ...rows,
      prefetch: (places) => log.push(`told ${places.join()}`),
      read(places, out) {
        log.push(`read ${places.join()}`);
        rows.read(places, out);
      },
    };
    const seen: number[] = [];
    for (const { first, values } of allRows(watched, size)) {
      t.is(values[0], 2 * first);
      seen.push(...values);
    }
    t.deepEqual(
      seen,
      Array.from({ length: 2 * count }, (_, i) => i),
    );
    const expected = {
      7: ['told 0,1,2', 'told 3,4,5', 'read 0,1,2', 'told 6', 'read 3,4,5', 'read 6'],
      6: ['told 0,1,2', 'told 3,4,5', 'read 0,1,2', 'read 3,4,5'],
      2: ['told 0,1', 'read 0,1'],
    }[count];
    t.deepEqual(log, expected);
  });
}
