import type { NumberSummary } from './summary.js';

/** Least share of the present rows that an atom holds; at an end of the range, where caps lie, less will do. */
const LEAST_SHARE = 0.05;
const LEAST_SHARE_AT_END = 0.02;
const LEAST_ROWS = 20;
/** How many times as frequent as its neighbours an atom is. */
const LEAST_RATIO = 8;
/** Distinct values on either side that count as neighbours. */
const NEIGHBOURS = 5;
const MOST_ATOMS = 20;

/**
 * Single values that hold far more rows than the values around them would suggest: the zeros of a
 * column that is mostly zero, a cap, a sentinel such as 999, the 40 among working hours. Ascending.
 */
export function findAtoms({ present, values, counts }: NumberSummary): number[] {
  const found: { value: number; count: number }[] = [];
  for (let i = 0; i < values.length; i++) {
    const count = counts[i] as number;
    const share = i === 0 || i === values.length - 1 ? LEAST_SHARE_AT_END : LEAST_SHARE;
    if (count >= Math.max(LEAST_ROWS, share * present) && count >= LEAST_RATIO * expectedCount(counts, i)) {
      found.push({ value: values[i] as number, count });
    }
  }
  return found
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_ATOMS)
    .map(({ value }) => value)
    .sort((a, b) => a - b);
}

/** Rows that the neighbours of a value suggest: their median, and not less than the nearest two have on average. */
function expectedCount(counts: Float64Array, at: number): number {
  const around: number[] = [];
  for (let i = Math.max(0, at - NEIGHBOURS); i <= Math.min(counts.length - 1, at + NEIGHBOURS); i++) {
    if (i !== at) around.push(counts[i] as number);
  }
  around.sort((a, b) => a - b);
  const middle = around[around.length >> 1] ?? Number.POSITIVE_INFINITY;
  const nearest = [counts[at - 1], counts[at + 1]].filter((count) => count !== undefined);
  const mean = nearest.reduce((sum, count) => sum + count, 0) / Math.max(nearest.length, 1);
  return Math.max(middle, mean);
}
