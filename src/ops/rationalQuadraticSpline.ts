import { type Tensor, type Tensor2D, tf } from '../tf.js';
import { clamp, constantLess } from './clamp.js';

type Tensor3D = tf.Tensor3D;

/** Where rounding would leave the inverse's discriminant below this, it is this. */
const LEAST_DISCRIMINANT = 1e-20;

/** The knots of monotone splines, one spline a column: each tensor [n or 1, d, bins + 1]. */
export interface SplineKnots {
  /** Knot positions, increasing along the last axis. */
  readonly x: Tensor3D;
  /** Values at the knots, increasing along the last axis. */
  readonly y: Tensor3D;
  /** Derivatives at the knots, positive. */
  readonly derivative: Tensor3D;
}

/** What the formulas need to know of the bin that each value lies in, each [n, d]. */
interface Bin {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly width: Tensor;
  readonly height: Tensor;
  /** Mean slope height / width. */
  readonly slope: Tensor;
  /** Derivatives at the bin's two ends. */
  readonly left: Tensor;
  readonly right: Tensor;
}

/**
 * Elementwise monotone map by rational-quadratic splines (Gregory and Delbourgo 1982; as a flow,
 * Durkan et al. 2019, eqs. 4 and 5), continued by straight lines whose slopes are the derivatives at
 * the outermost knots: a bijection of the whole line with a continuous derivative.
 *
 * @param x [n, d]
 * @returns y [n, d] and log(dy/dx) [n, d], in nats, per element
 */
export function rationalQuadraticSpline(x: Tensor2D, knots: SplineKnots): { y: Tensor2D; logDet: Tensor2D } {
  return tf.tidy(() => {
    // The line outside is added to a spline that only ever sees values inside: so neither branch can
    // overflow, and no NaN reaches a gradient through a branch that is not taken.
    const clamped = clampToKnots(x, knots.x);
    const bin = selectBin(clamped, knots, knots.x);
    const t = tf.div(tf.sub(clamped, bin.x), bin.width);
    const { share, derivative } = rationalShare(t, bin);
    const inside = tf.add(bin.y, tf.mul(bin.height, share));
    const [below, above] = tails(tf.sub(x, clamped));
    const [first, last] = ends(knots.derivative);
    const y = tf.sub(tf.add(inside, tf.mul(above, last)), tf.mul(below, first));
    return { y: y as Tensor2D, logDet: tf.log(derivative) as Tensor2D };
  });
}

/**
 * The inverse map (Durkan et al. 2019, eqs. 6 to 8).
 *
 * @param y [n, d]
 * @returns x [n, d] and log(dx/dy) [n, d], in nats, per element
 */
export function inverseRationalQuadraticSpline(
  y: Tensor2D,
  knots: SplineKnots,
): { x: Tensor2D; logDet: Tensor2D } {
  return tf.tidy(() => {
    const clamped = clampToKnots(y, knots.y);
    const bin = selectBin(clamped, knots, knots.y);
    const share = tf.div(tf.sub(clamped, bin.y), bin.height);
    // The quadratic in t, divided by the bin's height so that its terms are of the size of the slopes.
    const bend = tf.mul(share, curvature(bin));
    const a = tf.add(tf.sub(bin.slope, bin.left), bend);
    const b = tf.sub(bin.left, bend);
    const c = tf.mul(bin.slope, share);
    // Positive in exact arithmetic; rounding can push it below zero where the slope is tiny.
    const excessive = tf.sub(tf.add(tf.square(b), tf.mul(tf.mul(4, a), c)), LEAST_DISCRIMINANT);
    const discriminant = tf.add(tf.relu(excessive), LEAST_DISCRIMINANT);
    // Of the two forms of the root the one in which nothing cancels; where b < 0, a > slope > 0.
    const negative = constantLess(b, tf.zerosLike(b));
    const positive = tf.sub(1, negative);
    const sum = tf.add(tf.mul(b, tf.sub(positive, negative)), tf.sqrt(discriminant));
    const root = tf.div(
      tf.add(tf.mul(negative, sum), tf.mul(positive, tf.mul(2, c))),
      tf.add(tf.mul(negative, tf.mul(2, a)), tf.mul(positive, sum)),
    );
    // Where a steep bin meets a flat one, a and b cancel to few digits; one Newton step restores them.
    const start = rationalShare(root, bin);
    const excess = tf.div(tf.mul(tf.sub(start.share, share), bin.slope), start.derivative);
    // Beyond the knots the position is 0 or 1 whatever rounding says: where the slope changes fast, the
    // slope at a position nearly 1 is not that at 1.
    const [under, over] = outside(y, knots.y);
    const t = tf.add(tf.mul(tf.sub(root, excess), tf.sub(1, tf.add(under, over))), over);
    const { derivative } = rationalShare(t, bin);
    const inside = tf.add(bin.x, tf.mul(t, bin.width));
    const [below, above] = tails(tf.sub(y, clamped));
    const [first, last] = ends(knots.derivative);
    const x = tf.sub(tf.add(inside, tf.div(above, last)), tf.div(below, first));
    return { x: x as Tensor2D, logDet: tf.neg(tf.log(derivative)) as Tensor2D };
  });
}

function clampToKnots(values: Tensor2D, positions: Tensor3D): Tensor {
  // Gradients of a broadcast axis are summed by add, not here.
  const [first, last] = ends(positions).map((end) => tf.add(end, tf.zerosLike(values))) as [Tensor, Tensor];
  return clamp(values, first, last);
}

/** 1 where values are below the knots, and 1 where they are above them; constant to gradients. */
function outside(values: Tensor, positions: Tensor3D): [Tensor, Tensor] {
  const [first, last] = ends(positions);
  return [constantLess(values, first), constantLess(last, values)];
}

/** The first and the last entry of each column, [n or 1, d]. */
function ends(of: Tensor3D): [Tensor, Tensor] {
  const [n, d, count] = of.shape;
  const at = (k: number): Tensor => tf.reshape(tf.slice(of, [0, 0, k], [n, d, 1]), [n, d]);
  return [at(0), at(count - 1)];
}

/** How far values lie below and above the range they were clamped to; one of the two is 0. */
function tails(beyond: Tensor): [Tensor, Tensor] {
  return [tf.relu(tf.neg(beyond)), tf.relu(beyond)];
}

/** Picks each value's bin by comparing it with all knots, so that no shape depends on the data. */
function selectBin(values: Tensor, knots: SplineKnots, positions: Tensor3D): Bin {
  const [n, d, count] = positions.shape;
  const bins = count - 1;
  const lefts = (of: Tensor3D): Tensor => tf.slice(of, [0, 0, 0], [of.shape[0], d, bins]);
  const rights = (of: Tensor3D): Tensor => tf.slice(of, [0, 0, 1], [of.shape[0], d, bins]);
  const [rows = n] = values.shape;
  const isHere = oneHotBin(tf.reshape(values, [rows, d, 1]), lefts(positions), rights(positions));
  // A sum with one term that is not zero: exact, where a sum of differences of knots would round.
  const pick = (of: Tensor): Tensor => tf.sum(tf.mul(isHere, of), 2);
  const width = pick(tf.sub(rights(knots.x), lefts(knots.x)));
  const height = pick(tf.sub(rights(knots.y), lefts(knots.y)));
  return {
    x: pick(lefts(knots.x)),
    y: pick(lefts(knots.y)),
    width,
    height,
    slope: tf.div(height, width),
    left: pick(lefts(knots.derivative)),
    right: pick(rights(knots.derivative)),
  };
}

/** 1 in the bin with left ≤ value < right, the last one closed; [n, d, bins]. It is constant to gradients. */
function oneHotBin(values: Tensor, left: Tensor, right: Tensor): Tensor {
  const bins = left.shape[2] as number;
  // Nothing is beyond the last right end, so that the value on it is in the last bin.
  const lastIsOpen = tf.tensor1d(Float32Array.from({ length: bins }, (_, k) => (k === bins - 1 ? 1e38 : 0)));
  return tf.sub(atLeast(values, left), atLeast(values, tf.add(right, lastIsOpen)));
}

function atLeast(values: Tensor, bound: Tensor): Tensor {
  return tf.cast(tf.greaterEqual(values, bound), 'float32');
}

/** t (1 − t). */
function parabola(t: Tensor): Tensor {
  return tf.mul(t, tf.sub(1, t));
}

function curvature({ left, right, slope }: Bin): Tensor {
  return tf.sub(tf.add(left, right), tf.mul(2, slope));
}

/** At relative position t of the bin: the share of its height that is reached, and dy/dx. */
function rationalShare(t: Tensor, bin: Bin): { share: Tensor; derivative: Tensor } {
  const numerator = tf.add(tf.mul(bin.slope, tf.square(t)), tf.mul(bin.left, parabola(t)));
  const denominator = tf.add(bin.slope, tf.mul(curvature(bin), parabola(t)));
  const rise = tf.add(
    tf.add(tf.mul(bin.right, tf.square(t)), tf.mul(tf.mul(2, bin.slope), parabola(t))),
    tf.mul(bin.left, tf.square(tf.sub(1, t))),
  );
  return {
    share: tf.div(numerator, denominator),
    derivative: tf.mul(tf.square(tf.div(bin.slope, denominator)), rise),
  };
}
