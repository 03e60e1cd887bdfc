import {
  inverseRationalQuadraticSpline,
  rationalQuadraticSpline,
  type SplineKnots,
} from '../ops/rationalQuadraticSpline.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { checkParts, Selection } from './columns.js';
import { Conditioner, type NetworkOptions } from './conditioner.js';
import { KnotMaker } from './splineKnots.js';

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
  /** The splines bend on [−bound, bound] and are the identity outside. Default 3. */
  readonly bound?: number;
}

/**
 * Rational-quadratic spline coupling (Durkan, Bekasov, Murray and Papamakarios 2019, RQ-NSF (C)):
 * y_identity = x_identity, and each transformed column goes through a monotone rational-quadratic
 * spline whose knots a network of [x_identity, context] gives. The network's last layer starts at zero, the
 * coupling as the identity.
 */
export class RationalQuadraticCoupling implements Bijection {
  readonly kind = 'rationalQuadraticCoupling';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters;
  readonly #options: Pick<
    Required<RationalQuadraticCouplingOptions>,
    'identity' | 'transformed' | 'bins' | 'bound'
  >;
  readonly #knotMaker: KnotMaker;
  readonly #conditioner: Conditioner;
  /** x [n, dim] to its transformed part [n, t]. */
  readonly #pick: Selection;
  /** The transformed columns [n, t] to where they belong, [n, dim]. */
  readonly #place: Selection;
  /** 1 on the identity's columns, 0 on the others. */
  readonly #kept: Float32Array;

  /**
   * @throws PushforwardError `usage` when the two lists do not hold every dimension once, when bins or
   * bound are out of range, or the network's options do not go together.
   */
  constructor(options: RationalQuadraticCouplingOptions) {
    const { dim, contextDim = 0, identity, transformed, bins = 8, bound = 3 } = options;
    checkParts(dim, identity, transformed);
    this.dim = dim;
    this.contextDim = contextDim;
    this.#options = { identity, transformed, bins, bound };
    this.#knotMaker = new KnotMaker(bins, bound);
    const outputs = transformed.length * this.#knotMaker.size;
    this.#conditioner = new Conditioner({ ...options, contextDim, outputs });
    this.parameters = this.#conditioner.parameters;
    this.#pick = Selection.of(dim, transformed);
    this.#place = new Selection(
      transformed.length,
      dim,
      transformed.map((column, k) => [k, column]),
    );
    this.#kept = Float32Array.from({ length: dim }, (_, column) => (identity.includes(column) ? 1 : 0));
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const knots = this.#knots(x, parameters, context);
      const { y, logDet } = rationalQuadraticSpline(this.#pick.apply(x), knots);
      return { y: this.#merge(x, y), logDet: tf.sum(logDet, 1) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const knots = this.#knots(y, parameters, context);
      const { x, logDet } = inverseRationalQuadraticSpline(this.#pick.apply(y), knots);
      return { x: this.#merge(y, x), logDet: tf.sum(logDet, 1) };
    });
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: this.kind, ...this.#options, ...this.#conditioner.spec, parameters: slices };
  }

  /** The splines of the transformed columns; x and y agree on what it reads. */
  #knots(x: Tensor2D, parameters: readonly Tensor[], context: Tensor2D | undefined): SplineKnots {
    const raw = this.#conditioner.apply(x, parameters, context);
    return this.#knotMaker.knots(raw, this.#options.transformed.length);
  }

  /** The identity's columns of `from`, and the transformed ones [n, t] in their places. */
  #merge(from: Tensor2D, transformed: Tensor2D): Tensor2D {
    const placed = this.#place.apply(transformed);
    return this.#options.identity.length === 0 ? placed : tf.add(tf.mul(from, this.#kept), placed);
  }
}
