import test from 'ava';
import { allRows, arrayRows, partsAhead, type RowSource } from '../../src/data/rowSource.js';

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

test('each part is told before the one ahead of it is read, and all places come in order', (t) => {
  const values = Float32Array.from({ length: 7 }, (_, i) => i);
  const seen: string[] = [];
  const source = (name: string): RowSource => ({
    ...arrayRows(values, 1),
    prefetch: (places) => void seen.push(`${name} ${[...places]}`),
  });
  const read: number[] = [];
  for (const part of partsAhead({ x: source('x'), context: source('c') }, Int32Array.of(6, 5, 4, 3, 2), 2)) {
    seen.push('read');
    read.push(...part);
  }
  t.deepEqual(read, [6, 5, 4, 3, 2]);
  t.deepEqual(seen, ['x 6,5', 'c 6,5', 'x 4,3', 'c 4,3', 'read', 'x 2', 'c 2', 'read', 'read']);
  t.deepEqual([...partsAhead({ x: source('x') }, new Int32Array(), 2)], []);
});
