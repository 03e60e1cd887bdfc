import { IDENTITY, type Knots, padKnots, quantileKnots } from './marginalKnots.js';
import { splineValues } from './transformValues.js';

/** Numbers of bins that are tried. */
const BINS = [4, 8, 16, 32];
/** Rows a bin must have to be tried, in the half of the sample that is fitted. */
const ROWS_PER_BIN = 4;
/** Nats a row that more bins must gain on values that were not fitted, and more of them where rows are few. */
const WORTHWHILE = 0.005;
const WORTHWHILE_IN_ALL = 5;
/** Values of the other half that a fit is judged on. */
const JUDGED = 10_000;

/** One column's values in two random halves of the rows, ascending in each. */
export interface HalvedSample {
  readonly halves: readonly [Float64Array, Float64Array];
  /** Values for each row: points of the cell that a stepped value stands for. */
  readonly copies: number;
}

/**
 * Chooses for each column how many bins its spline has, none included: each half of the sample is fitted
 * and judged by the likelihood of the other under N(0, 1), then both are fitted together. Null when no
 * column gains by a spline.
 *
 * @param columns standardised values
 */
export function fitMarginals(columns: readonly HalvedSample[]): Knots[] | null {
  const best = columns.map(bestBins);
  const most = Math.max(0, ...best);
  if (most === 0) return null;
  return columns.map(({ halves: [first, second], copies }, column) => {
    const bins = best[column] as number;
    const knots = bins === 0 ? IDENTITY : quantileKnots(merged(first, second), copies, bins);
    return padKnots(knots, most);
  });
}

function bestBins({ halves: [first, second], copies }: HalvedSample): number {
  const rows = Math.min(first.length, second.length) / copies;
  let best = { bins: 0, gain: 0 };
  for (const bins of BINS) {
    if (rows < ROWS_PER_BIN * bins) break;
    const gain =
      (gainOf(quantileKnots(first, copies, bins), second) +
        gainOf(quantileKnots(second, copies, bins), first)) /
      2;
    if (gain > best.gain + WORTHWHILE + WORTHWHILE_IN_ALL / rows) best = { bins, gain };
  }
  return best.bins;
}

/** What a spline gains over none on values that it was not fitted to, in nats a value. */
function gainOf(knots: Knots, sorted: Float64Array): number {
  const x = thinned(sorted);
  const { y, logDet } = splineValues(x, knots);
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    sum += ((x[i] as number) ** 2 - (y[i] as number) ** 2) / 2 + (logDet[i] as number);
  }
  return sum / x.length;
}

function thinned(sorted: Float64Array): Float64Array {
  if (sorted.length <= JUDGED) return sorted;
  const stride = sorted.length / JUDGED;
  return Float64Array.from({ length: JUDGED }, (_, i) => sorted[Math.floor((i + 0.5) * stride)] as number);
}

function merged(first: Float64Array, second: Float64Array): Float64Array {
  const all = new Float64Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all.sort();
}
