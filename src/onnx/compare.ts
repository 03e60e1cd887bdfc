/**
 * The greatest |actual − expected| / max(|expected|, 1) over two sequences: relative to the expected
 * value, and absolute where that is below 1. Equal infinities agree, and so do two NaNs; a value that is
 * not finite against anything else gives Infinity, as do sequences of different lengths. Two empty
 * sequences agree: 0.
 */
export function maxRelativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const error = Math.abs(a - e) / Math.max(Math.abs(e), 1);
    if (!Number.isFinite(error)) return Number.POSITIVE_INFINITY;
    greatest = Math.max(greatest, error);
  }
  return greatest;
}
