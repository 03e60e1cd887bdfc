/** The present values of a numeric column, sorted and counted. */
export interface NumberSummary {
  /** Rows with a value. */
  readonly present: number;
  /** Distinct values, ascending. */
  readonly values: Float64Array;
  /** Rows with each of them. */
  readonly counts: Float64Array;
}

/** Sorts and counts; NaN is missing and left out. */
export function summarise(column: Float64Array): NumberSummary {
  const sorted = column.filter((value) => !Number.isNaN(value)).sort();
  const values = new Float64Array(sorted.length);
  const counts = new Float64Array(sorted.length);
  let distinct = 0;
  sorted.forEach((value, i) => {
    if (i === 0 || value !== sorted[i - 1]) {
      // -0 and 0 are one value.
      values[distinct] = value === 0 ? 0 : value;
      distinct++;
    }
    counts[distinct - 1] = (counts[distinct - 1] as number) + 1;
  });
  return {
    present: sorted.length,
    values: values.slice(0, distinct),
    counts: counts.slice(0, distinct),
  };
}

/** The summary without some of its values. */
export function without(summary: NumberSummary, excluded: readonly number[]): NumberSummary {
  if (excluded.length === 0) return summary;
  const gone = new Set(excluded);
  const keep = (_: number, i: number): boolean => !gone.has(summary.values[i] as number);
  const counts = summary.counts.filter(keep);
  return {
    present: counts.reduce((sum, count) => sum + count, 0),
    values: summary.values.filter(keep),
    counts,
  };
}

/** The smallest value that at least `share` of the rows do not exceed. */
export function quantile({ present, values, counts }: NumberSummary, share: number): number {
  let rows = 0;
  for (let i = 0; i < values.length; i++) {
    rows += counts[i] as number;
    if (rows >= share * present) return values[i] as number;
  }
  return values[values.length - 1] ?? Number.NaN;
}

/** Share of the rows whose value another row has as well. */
export function tiedShare({ present, counts }: NumberSummary): number {
  return counts.reduce((sum, count) => (count > 1 ? sum + count : sum), 0) / Math.max(present, 1);
}
