import {
  inverseRationalQuadraticSpline,
  rationalQuadraticSpline,
  type SplineKnots,
} from '../ops/rationalQuadraticSpline.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { wholeTurns } from './circle.js';
import { checkColumns, checkParts, Selection } from './columns.js';
import { Conditioner, type NetworkOptions, networkOf } from './conditioner.js';
import { derivatives, KnotMaker } from './splineKnots.js';

/** `hidden`, `activation` and `residualBlocks` are those of the network that drives it. */
export interface RationalQuadraticCouplingOptions extends NetworkOptions {
  readonly dim: number;
  /** Width of the context; 0, the default, is none. */
  readonly contextDim?: number;
  /** Dimensions that pass unchanged and drive the others; may be empty. */
  readonly identity: readonly number[];
  /** The other dimensions, at least one. */
  readonly transformed: readonly number[];
  /** Bins of each spline, from 2 to 64. Default 8. */
  readonly bins?: number;
  /**
   * The splines bend on [−bound, bound] and are the identity outside; a circle's circumference is 2·bound.
   * Default 3, and π with circular columns.
   */
  readonly bound?: number;
  /** The columns, of either part, that are angles on [−bound, bound), of any whole turns. Default none. */
  readonly circular?: readonly number[];
}

/**
 * Rational-quadratic spline coupling (Durkan, Bekasov, Murray and Papamakarios 2019, RQ-NSF (C)):
 * y_identity = x_identity, and each transformed column goes through a monotone rational-quadratic
 * spline whose knots a network of [x_identity, context] gives. The network's last layer starts at zero, the
 * coupling as the identity.
 *
 * Circular columns (Rezende et al. 2020, section 3) are taken modulo 2·bound. Their splines have one
 * derivative at both ends, so that the density has no jump there, and are followed by a turn of the
 * circle: a spline alone would leave the place of its ends where it is. The network sees the cosine and
 * the sine of a circular identity column.
 */
export class RationalQuadraticCoupling implements Bijection {
  readonly kind = 'rationalQuadraticCoupling';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters;
  readonly #options: Pick<
    Required<RationalQuadraticCouplingOptions>,
    'identity' | 'transformed' | 'bins' | 'bound' | 'circular'
  >;
  readonly #knotMaker: KnotMaker;
  readonly #conditioner: Conditioner;
  /** x [n, dim] to its transformed part [n, t]. */
  readonly #pick: Selection;
  /** The transformed columns [n, t] to where they belong, [n, dim]. */
  readonly #place: Selection;
  /** 1 on the identity's columns, 0 on the others. */
  readonly #kept: Float32Array;
  /** What is said of the circles [n, c] to the transformed columns [n, t]; null without circles. */
  readonly #placeCircles: Selection | null;
  /** 1 on the transformed columns that are circles, 0 on the others. */
  readonly #isCircle: Float32Array;

  /**
   * @throws PushforwardError `usage` when the two lists do not hold every dimension once, when bins, bound
   * or circular are out of range, or the network's options do not go together.
   */
  constructor(options: RationalQuadraticCouplingOptions) {
    const { dim, contextDim = 0, identity, transformed, bins = 8, circular = [] } = options;
    const bound = options.bound ?? (circular.length > 0 ? Math.PI : 3);
    checkParts(dim, identity, transformed);
    if (circular.length > 0) checkColumns(dim, circular);
    this.dim = dim;
    this.contextDim = contextDim;
    this.#options = { identity, transformed, bins, bound, circular };
    this.#knotMaker = new KnotMaker(bins, bound);
    const circles = transformed.flatMap((column, k) => (circular.includes(column) ? [k] : []));
    const outputs = transformed.length * this.#knotMaker.size + 2 * circles.length;
    const angles = { columns: circular, bound };
    this.#conditioner = new Conditioner({
      ...networkOf(options),
      dim,
      contextDim,
      identity,
      angles,
      outputs,
    });
    this.parameters = this.#conditioner.parameters;
    this.#pick = Selection.of(dim, transformed);
    this.#place = new Selection(
      transformed.length,
      dim,
      transformed.map((column, k) => [k, column]),
    );
    this.#kept = Float32Array.from({ length: dim }, (_, column) => (identity.includes(column) ? 1 : 0));
    this.#isCircle = Float32Array.from(transformed, (column) => (circular.includes(column) ? 1 : 0));
    const places = circles.map((to, from) => [from, to] as const);
    this.#placeCircles =
      circles.length === 0 ? null : new Selection(circles.length, transformed.length, places);
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { knots, turn } = this.#splines(x, parameters, context);
      const { y, logDet } = rationalQuadraticSpline(this.#wrap(this.#pick.apply(x)), knots);
      const turned = turn === null ? y : this.#wrap(tf.add(y, turn));
      return { y: this.#merge(x, turned), logDet: tf.sum(logDet, 1) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { knots, turn } = this.#splines(y, parameters, context);
      const picked = this.#pick.apply(y);
      const straight = turn === null ? picked : this.#wrap(tf.sub(picked, turn));
      const { x, logDet } = inverseRationalQuadraticSpline(straight, knots);
      return { x: this.#merge(y, x), logDet: tf.sum(logDet, 1) };
    });
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: this.kind, ...this.#options, ...this.#conditioner.spec, parameters: slices };
  }

  /** The splines of the transformed columns and the turns after them; x and y agree on what they read. */
  #splines(
    x: Tensor2D,
    parameters: readonly Tensor[],
    context: Tensor2D | undefined,
  ): { knots: SplineKnots; turn: Tensor2D | null } {
    const count = this.#options.transformed.length;
    const raw = this.#conditioner.apply(x, parameters, context);
    if (this.#placeCircles === null) return { knots: this.#knotMaker.knots(raw, count), turn: null };
    const circles = (raw.shape[1] - count * this.#knotMaker.size) / 2;
    const [ofSplines, ofEnds, ofTurns] = tf.split(raw, [raw.shape[1] - 2 * circles, circles, circles], 1) as [
      Tensor2D,
      Tensor2D,
      Tensor2D,
    ];
    const isLine = this.#isCircle.map((isCircle) => 1 - isCircle);
    const ends: Tensor2D = tf.add(this.#placeCircles.apply(derivatives(ofEnds)), isLine);
    return { knots: this.#knotMaker.knots(ofSplines, count, ends), turn: this.#placeCircles.apply(ofTurns) };
  }

  /** Circles to [−bound, bound), other transformed columns as they are; [n, t]. */
  #wrap(values: Tensor2D): Tensor2D {
    if (this.#placeCircles === null) return values;
    return tf.sub(values, tf.mul(wholeTurns(values, this.#options.bound), this.#isCircle));
  }

  /** The identity's columns of `from`, and the transformed ones [n, t] in their places. */
  #merge(from: Tensor2D, transformed: Tensor2D): Tensor2D {
    const placed = this.#place.apply(transformed);
    return this.#options.identity.length === 0 ? placed : tf.add(tf.mul(from, this.#kept), placed);
  }
}
