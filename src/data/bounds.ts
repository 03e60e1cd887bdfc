import { type NumberSummary, quantile } from './summary.js';

/** Natural bounds of a column's support. */
export interface Bounds {
  readonly lower: number | null;
  readonly upper: number | null;
}

/** Shares and percentages: ranges that values fill to both ends. */
const INTERVALS = [
  { upper: 1, low: 0.05, high: 0.95 },
  { upper: 100, low: 1, high: 99 },
] as const;

/**
 * Bounds that the values suggest: 0 to 1 or 0 to 100 when they come near both ends, at least 0 when
 * none is negative and they come within half an interquartile range of it.
 */
export function naturalBounds(summary: NumberSummary, isInteger: boolean): Bounds {
  const { values } = summary;
  const minimum = values[0] ?? Number.NaN;
  const maximum = values[values.length - 1] ?? Number.NaN;
  if (!(minimum >= 0)) return { lower: null, upper: null };
  for (const { upper, low, high } of INTERVALS) {
    const isFilled = minimum <= low && maximum >= high && maximum <= upper;
    if (isFilled && !(isInteger && upper === 1)) return { lower: 0, upper };
  }
  const spread = quantile(summary, 0.75) - quantile(summary, 0.25);
  return { lower: minimum <= spread / 2 ? 0 : null, upper: null };
}
