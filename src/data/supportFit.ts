import type { ColumnSupport } from './support.js';
import { supportValues } from './transformValues.js';

/** What the fit of one column's transform needs. */
export interface ColumnSample {
  /** Present values, dequantised, ascending. */
  readonly sorted: Float64Array;
  /** Width of the cells that values stand for; 0 for none. */
  readonly cell: number;
  /** Width of the range that the schema saw. */
  readonly range: number;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** Nats a row that a bent shape must gain over the straight one. */
const WORTHWHILE = 0.01;
/** Values that the likelihoods of shapes are compared on. */
const COMPARED = 4000;
/** Where the straight tails of unbounded shapes begin, in scales. */
const FAR = 1e6;
/** Widths of the straight middle of `symlog`, in robust standard deviations. */
const WIDTHS = [3, 1, 0.3, 0.1];

type Shape = Omit<ColumnSupport, 'mean' | 'deviation'>;

interface Scored {
  readonly support: ColumnSupport;
  readonly score: number;
}

/**
 * Chooses each column's transform among shapes that its bounds allow: the one under which a normal
 * law, its density taken back to the column's units, gives the values the highest likelihood. Ends
 * standardised.
 */
export function fitSupports(samples: readonly ColumnSample[]): ColumnSupport[] {
  return samples.map((sample) => {
    const { sorted, range } = sample;
    if (sorted.length < 2 || sorted[0] === sorted[sorted.length - 1]) {
      return { ...affine(sorted[0] ?? 0, range || 1), mean: 0, deviation: 1 };
    }
    const stride = Math.max(1, sorted.length / COMPARED);
    const rows = Math.floor(sorted.length / stride);
    const picked = Float64Array.from({ length: rows }, (_, i) => sorted[Math.floor(i * stride)] as number);
    const [straight, ...bent] = shapesFor(sample).map((shape) => standardised(picked, shape)) as [
      Scored,
      ...Scored[],
    ];
    const best = bent.reduce((a, b) => (b.score > a.score ? b : a), straight);
    return best.score > straight.score + WORTHWHILE ? best.support : straight.support;
  });
}

function affine(shift: number, scale: number): Shape {
  return { kind: 'affine', shift, scale, low: shift - FAR * scale, high: shift + FAR * scale };
}

/** The straight shape first. */
function shapesFor({ sorted, cell, lower, upper }: ColumnSample): Shape[] {
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] as number;
  const [first, median, last] = [at(0), at(0.5), at(1)];
  const centre = average(sorted);
  const spread = Math.sqrt(average(sorted.map((value) => (value - centre) ** 2)));
  const shapes = [affine(centre, spread)];
  // One more cell of room, so that the outermost cells end before the bound.
  const floor = lower === null ? null : Math.min(lower, first) - cell;
  const ceiling = upper === null ? null : Math.max(upper, last) + cell;
  if (floor !== null && ceiling !== null) {
    const scale = ceiling - floor;
    const low = Math.max(first, floor + 0.02 * (at(0.05) - floor), floor + 1e-4 * scale);
    const high = Math.min(last, ceiling - 0.02 * (ceiling - at(0.95)), ceiling - 1e-4 * scale);
    if (low < high) shapes.push({ kind: 'logit', shift: floor, scale, low, high });
  } else if (floor !== null && median > floor) {
    const scale = median - floor;
    const low = Math.max(first, floor + 0.02 * (at(0.05) - floor), floor + 1e-4 * scale);
    if (low < median)
      shapes.push({ kind: 'log', shift: floor, scale, low, high: floor + 1e3 * (last - floor) });
  }
  const robustSpread = (at(0.75) - at(0.25)) / 1.349;
  for (const width of WIDTHS) {
    const scale = width * (robustSpread > 0 ? robustSpread : spread);
    shapes.push({
      kind: 'symlog',
      shift: median,
      scale,
      low: median - FAR * scale,
      high: median + FAR * scale,
    });
  }
  return shapes;
}

/** The shape with the mean and deviation of its values, and the mean log-density of a normal law there. */
function standardised(values: Float64Array, shape: Shape): Scored {
  const { y, logDet } = supportValues(values, { ...shape, mean: 0, deviation: 1 });
  const mean = average(y);
  const deviation = Math.sqrt(average(y.map((value) => (value - mean) ** 2)));
  const score = average(logDet) - Math.log(deviation);
  const isSound = deviation > 0 && Number.isFinite(score);
  return { support: { ...shape, mean, deviation }, score: isSound ? score : Number.NEGATIVE_INFINITY };
}

function average(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
