import type { AutoregressiveSpec, ParameterSlice } from '../native/spec.js';
import { boundedLogScale, checkLogScaleBound } from '../nn/logScale.js';
import { type Tensor2D, tf } from '../tf.js';
import { AutoregressiveMap, type AutoregressiveOptions, type ElementwiseMap } from './autoregressiveMap.js';

export interface MaskedAutoregressiveOptions extends AutoregressiveOptions {
  /** Greatest absolute log-scale of one layer. Default 2: a layer stretches by e^±2 at most. */
  readonly logScaleBound?: number;
}

/**
 * Masked autoregressive affine map (MAF; Papamakarios, Pavlakou and Murray 2017, equations 3 to 6):
 * y_i = x_i · exp(s_i) + t_i, where s_i = bound · tanh(r_i / bound) and (r_i, t_i) depend on the context
 * and on the dimensions of x before i in `order`, all of them by one masked network (MADE). In the
 * paper's letters α = −s and μ = −t · exp(−s); this is the convention of the affine coupling. The last
 * layer starts at zero, the map as the identity.
 */
export class MaskedAutoregressive extends AutoregressiveMap {
  readonly kind = 'maskedAutoregressive';
  readonly #logScaleBound: number;

  /**
   * @throws PushforwardError `usage` when `order` does not hold every dimension once, or when the bound is
   * not positive.
   */
  constructor(options: MaskedAutoregressiveOptions) {
    const { logScaleBound = 2 } = options;
    checkLogScaleBound(logScaleBound);
    super(options, affineMap(logScaleBound));
    this.#logScaleBound = logScaleBound;
  }

  spec(slices: readonly ParameterSlice[]): AutoregressiveSpec {
    return { kind: this.kind, ...this.networkSpec(slices), logScaleBound: this.#logScaleBound };
  }
}

/** y = x · exp(s) + t of the two numbers (r, t), s = bound · tanh(r / bound). */
function affineMap(bound: number): ElementwiseMap {
  const split = (raw: Tensor2D): [Tensor2D, Tensor2D] => {
    const [n, count] = raw.shape;
    const pairs = tf.reshape(raw, [n, count / 2, 2]);
    const part = (which: number): Tensor2D =>
      tf.reshape(tf.slice(pairs, [0, 0, which], [n, count / 2, 1]), [n, count / 2]);
    return [boundedLogScale(part(0), bound), part(1)];
  };
  return {
    size: 2,
    forward(x, raw) {
      const [logScale, shift] = split(raw);
      return { y: tf.add(tf.mul(x, tf.exp(logScale)), shift), logDet: logScale };
    },
    inverse(y, raw) {
      const [logScale, shift] = split(raw);
      const opposite = tf.neg(logScale);
      return { x: tf.mul(tf.sub(y, shift), tf.exp(opposite)), logDet: opposite };
    },
  };
}
