import { PushforwardError } from '../errors.js';
import type { SplineKnots } from '../ops/rationalQuadraticSpline.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';

type Tensor3D = tf.Tensor3D;

/** Least share of a bin in the width and in the height of the box, and least derivative at a knot. */
const LEAST = 1e-3;

/** Most bins of a spline; the native plan keeps as many in registers and on the stack. */
const MOST_BINS = 64;

/** softplus(r + DERIVATIVE_OFFSET) + LEAST is 1 at r = 0. */
const DERIVATIVE_OFFSET = Math.log(Math.expm1(1 - LEAST));

/** Derivatives at knots of what a network says of them; 1 for 0. */
export function derivatives<T extends Tensor>(raw: T): T {
  return tf.add(tf.softplus(tf.add(raw, DERIVATIVE_OFFSET)), LEAST);
}

/**
 * From what a network says to the knots of splines on [−bound, bound] whose ends have slope 1, so that
 * they go on as the identity (Durkan et al. 2019, section 3.1). Numbers that are all 0 give equal bins
 * and derivatives of 1: the identity.
 */
export class KnotMaker {
  /** Numbers that one spline takes. */
  readonly size: number;
  readonly #bins: number;
  readonly #bound: number;

  /** @throws PushforwardError `usage` for bins other than 2 to 64, or a bound that is not positive and finite. */
  constructor(bins: number, bound: number) {
    if (!(Number.isInteger(bins) && bins >= 2 && bins <= MOST_BINS)) {
      throw new PushforwardError('usage', `a spline of ${bins} bins`, {
        mend: `give a whole number from 2 to ${MOST_BINS}`,
      });
    }
    if (!(bound >= 1e-6 && bound <= 1e6)) {
      throw new PushforwardError('usage', `the bound of a spline is ${bound}`, {
        mend: 'give a number from 1e-6 to 1e6',
      });
    }
    this.#bins = bins;
    this.#bound = bound;
    this.size = 3 * bins - 1;
  }

  /**
   * raw [n, splines · size], for each spline its widths, heights and derivatives. `ends` [n, splines] are
   * the derivatives at its two outermost knots; 1, the default, continues it as the identity.
   */
  knots(raw: Tensor2D, splines: number, ends?: Tensor2D): SplineKnots {
    const bins = this.#bins;
    const [n] = raw.shape;
    const each = tf.reshape(raw, [n, splines, this.size]);
    const part = (first: number, count: number): Tensor3D =>
      tf.slice(each, [0, 0, first], [n, splines, count]) as Tensor3D;
    const inner = derivatives(part(2 * bins, bins - 1));
    return {
      x: this.#positions(part(0, bins)),
      y: this.#positions(part(bins, bins)),
      derivative: this.#withEnds(inner, ends),
    };
  }

  /** inner [n, splines, bins − 1] between the ends [n, splines]; a concatenation fails where n is 0. */
  #withEnds(inner: Tensor3D, ends: Tensor2D | undefined): Tensor3D {
    const [n, splines] = inner.shape;
    const margins: [number, number][] = [
      [0, 0],
      [0, 0],
      [1, 1],
    ];
    if (ends === undefined) return tf.pad(inner, margins, 1);
    const isEnd = Float32Array.from({ length: this.#bins + 1 }, (_, k) => (k % this.#bins === 0 ? 1 : 0));
    return tf.add(tf.pad(inner, margins), tf.mul(tf.reshape(ends, [n, splines, 1]), isEnd));
  }

  /**
   * [n, splines, bins] to increasing positions [n, splines, bins + 1]. The sums of shares are a product
   * with a triangular matrix, whose first and last columns are 0: the ends are the bounds to the bit,
   * and no gradient moves them.
   */
  #positions(raw: Tensor3D): Tensor3D {
    const bins = this.#bins;
    const box = 2 * this.#bound;
    const [n, splines] = raw.shape;
    const sums = new Float32Array(bins * (bins + 1));
    const starts = new Float32Array(bins + 1).fill(-this.#bound);
    for (let knot = 1; knot < bins; knot++) {
      starts[knot] = -this.#bound + box * LEAST * knot;
      for (let bin = 0; bin < knot; bin++) sums[bin * (bins + 1) + knot] = box * (1 - LEAST * bins);
    }
    starts[bins] = this.#bound;
    const shares: Tensor = tf.reshape(tf.softmax(raw), [n * splines, bins]);
    const positions = tf.add(tf.matMul(shares as Tensor2D, tf.tensor2d(sums, [bins, bins + 1])), starts);
    return tf.reshape(positions, [n, splines, bins + 1]);
  }
}
