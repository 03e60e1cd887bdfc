import type { Knots } from './marginalKnots.js';
import type { ColumnSupport } from './support.js';

/** Values of one column after a transform, with log(dy/dx) of each in nats. */
export interface TransformedValues {
  readonly y: Float64Array;
  readonly logDet: Float64Array;
}

/**
 * `supportForward` for the values of one column, in double precision and without tensors: what the fits and
 * the preparation of training rows use, for which an op at a time is slow. A test holds the two together.
 */
export function supportValues(x: Float64Array, column: ColumnSupport): TransformedValues {
  const { shift, scale, low, high, mean, deviation } = column;
  const [f, logSlope] = BENDS[column.kind];
  const y = new Float64Array(x.length);
  const logDet = new Float64Array(x.length);
  x.forEach((value, i) => {
    const clamped = Math.min(Math.max(value, low), high);
    const u = (clamped - shift) / scale;
    const ownLogDet = logSlope(u) - Math.log(scale * deviation);
    y[i] = (f(u) - mean) / deviation + (value - clamped) * Math.exp(ownLogDet);
    logDet[i] = ownLogDet;
  });
  return { y, logDet };
}

/** f and log f' of each kind of support. */
const BENDS: Record<ColumnSupport['kind'], readonly [(u: number) => number, (u: number) => number]> = {
  affine: [(u) => u, () => 0],
  symlog: [(u) => Math.sign(u) * Math.log1p(Math.abs(u)), (u) => -Math.log1p(Math.abs(u))],
  log: [(u) => Math.log(u), (u) => -Math.log(u)],
  logit: [(u) => Math.log(u) - Math.log1p(-u), (u) => -Math.log(u) - Math.log1p(-u)],
};

/** `rationalQuadraticSpline` for the values of one column, likewise. */
export function splineValues(x: Float64Array, knots: Knots): TransformedValues {
  const y = new Float64Array(x.length);
  const logDet = new Float64Array(x.length);
  const first = knots.x[0] as number;
  const last = knots.x[knots.x.length - 1] as number;
  x.forEach((value, i) => {
    const clamped = Math.min(Math.max(value, first), last);
    const k = binOf(clamped, knots.x);
    const [left, right] = [knots.derivative[k] as number, knots.derivative[k + 1] as number];
    const width = (knots.x[k + 1] as number) - (knots.x[k] as number);
    const height = (knots.y[k + 1] as number) - (knots.y[k] as number);
    const slope = height / width;
    const t = (clamped - (knots.x[k] as number)) / width;
    const denominator = slope + (left + right - 2 * slope) * t * (1 - t);
    const rise = right * t * t + 2 * slope * t * (1 - t) + left * (1 - t) ** 2;
    const derivative = (slope / denominator) ** 2 * rise;
    const inside = (knots.y[k] as number) + (height * (slope * t * t + left * t * (1 - t))) / denominator;
    y[i] = inside + (value - clamped) * derivative;
    logDet[i] = Math.log(derivative);
  });
  return { y, logDet };
}

/** The last bin whose left knot is not above the value, by bisection. */
function binOf(value: number, positions: readonly number[]): number {
  let low = 0;
  let high = positions.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (value >= (positions[middle] as number)) low = middle;
    else high = middle - 1;
  }
  return low;
}
