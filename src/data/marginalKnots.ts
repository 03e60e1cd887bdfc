import { normalQuantile } from '../random.js';
import { normalCdf } from './normalCdf.js';

/** The knots of one column's spline. */
export interface Knots {
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly derivative: readonly number[];
}

/** The spline that changes nothing. */
export const IDENTITY: Knots = { x: [-1, 1], y: [-1, 1], derivative: [1, 1] };

/** Slopes lie between 1 / STEEPEST and STEEPEST: a tie in the sample must not become an infinite density. */
const STEEPEST = 100;
/** Slope of the tails at most: so an outlier beyond the sample costs no more than it would a normal law of half the width. */
const STEEPEST_TAIL = 2;
/** Rows of the sample beyond the last knot on either side. */
const TAIL_ROWS = 5;

/**
 * A monotone map that takes a sample to N(0, 1): its quantiles set against those of the normal law
 * (marginal Gaussianisation, Chen and Gopinath 2000). The levels lie half-way between equal steps of the
 * normal quantile, which resolve the tails, and equal shares of the sample, which resolve its peaks.
 *
 * @param sorted values, ascending, `copies` for each row
 */
export function quantileKnots(sorted: Float64Array, copies: number, bins: number): Knots {
  const tail = Math.min((TAIL_ROWS * copies) / sorted.length, 0.25);
  const edge = -normalQuantile(tail);
  const y = Array.from({ length: bins + 1 }, (_, k) => {
    const part = k / bins;
    return (edge * (2 * part - 1) + normalQuantile(tail + (1 - 2 * tail) * part)) / 2;
  });
  const x = y.map((value) => quantileOf(sorted, normalCdf(value)));
  for (let k = 1; k < x.length; k++) {
    const rise = (y[k] as number) - (y[k - 1] as number);
    const run = (x[k] as number) - (x[k - 1] as number);
    x[k] = (x[k - 1] as number) + Math.min(Math.max(run, rise / STEEPEST), rise * STEEPEST);
  }
  return { x, y, derivative: knotSlopes(x, y) };
}

/** More knots along the straight line beyond the last one, which change nothing. */
export function padKnots({ x, y, derivative }: Knots, bins: number): Knots {
  const more = Array.from({ length: bins + 1 - x.length }, (_, k) => k + 1);
  const last = (list: readonly number[]): number => list[list.length - 1] as number;
  const slope = last(derivative);
  return {
    x: [...x, ...more.map((step) => last(x) + step)],
    y: [...y, ...more.map((step) => last(y) + slope * step)],
    derivative: [...derivative, ...more.map(() => slope)],
  };
}

/** Geometric means of the slopes on either side; at the ends the slope inside, which the tails continue. */
function knotSlopes(x: readonly number[], y: readonly number[]): number[] {
  const slopeAfter = (k: number): number =>
    ((y[k + 1] as number) - (y[k] as number)) / ((x[k + 1] as number) - (x[k] as number));
  const last = x.length - 1;
  return x.map((_, k) => {
    if (k === 0 || k === last) return Math.min(slopeAfter(k === 0 ? 0 : last - 1), STEEPEST_TAIL);
    return Math.sqrt(slopeAfter(k - 1) * slopeAfter(k));
  });
}

/** Quantile by straight lines between the order statistics, each at the middle of its share (Hazen 1914). */
function quantileOf(sorted: Float64Array, share: number): number {
  const place = Math.min(Math.max(share * sorted.length - 0.5, 0), sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return (
    (sorted[below] as number) + (place - below) * ((sorted[above] as number) - (sorted[below] as number))
  );
}
