import type { AutoregressiveSplineSpec, ParameterSlice } from '../native/spec.js';
import { inverseRationalQuadraticSpline, rationalQuadraticSpline } from '../ops/rationalQuadraticSpline.js';
import { AutoregressiveMap, type AutoregressiveOptions, type ElementwiseMap } from './autoregressiveMap.js';
import { KnotMaker } from './splineKnots.js';

export interface MaskedSplineOptions extends AutoregressiveOptions {
  /** Bins of each spline, from 2 to 64. Default 8. */
  readonly bins?: number;
  /** The splines bend on [−bound, bound] and are the identity outside. Default 3. */
  readonly bound?: number;
}

/**
 * Masked autoregressive rational-quadratic splines (Durkan, Bekasov, Murray and Papamakarios 2019,
 * RQ-NSF (AR)): each dimension goes through a monotone spline whose knots depend on the context and on the
 * dimensions of x before it in `order`, all of them by one masked network. The network's last layer starts
 * at zero, the map as the identity.
 */
export class MaskedSpline extends AutoregressiveMap {
  readonly kind = 'maskedSpline';
  readonly #shape: { readonly bins: number; readonly bound: number };

  /**
   * @throws PushforwardError `usage` when `order` does not hold every dimension once, or when bins or bound
   * are out of range.
   */
  constructor(options: MaskedSplineOptions) {
    const { bins = 8, bound = 3 } = options;
    super(options, splineMap(new KnotMaker(bins, bound)));
    this.#shape = { bins, bound };
  }

  spec(slices: readonly ParameterSlice[]): AutoregressiveSplineSpec {
    return { kind: this.kind, ...this.networkSpec(slices), ...this.#shape };
  }
}

function splineMap(maker: KnotMaker): ElementwiseMap {
  return {
    size: maker.size,
    forward: (x, raw) => rationalQuadraticSpline(x, maker.knots(raw, x.shape[1])),
    inverse: (y, raw) => inverseRationalQuadraticSpline(y, maker.knots(raw, y.shape[1])),
  };
}
