import { PushforwardError } from '../errors.js';
import type { AutoregressiveSpec } from '../native/spec.js';
import { AutoregressiveNetwork, cut } from '../nn/autoregressiveNetwork.js';
import { boundedLogScale, checkLogScaleBound } from '../nn/logScale.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Activation, Bijection, ParameterSlice } from './bijection.js';
import { Selection } from './columns.js';
import { Permutation } from './permutation.js';

export interface MaskedAutoregressiveOptions {
  readonly dim: number;
  /** Width of the context; 0, the default, is none. */
  readonly contextDim?: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** order[k] is the dimension that comes k-th and depends on those before it. Default 0, 1, 2, … */
  readonly order?: readonly number[];
  /** Greatest absolute log-scale of one layer. Default 2: a layer stretches by e^±2 at most. */
  readonly logScaleBound?: number;
}

/**
 * Masked autoregressive affine map (MAF; Papamakarios, Pavlakou and Murray 2017, equations 3 to 6):
 * y_i = x_i · exp(s_i) + t_i, where s_i = bound · tanh(r_i / bound) and (r_i, t_i) depend on the context
 * and on the dimensions of x before i in `order`, all of them by one masked network (MADE). In the
 * paper's letters α = −s and μ = −t · exp(−s); this is the convention of the affine coupling. The last
 * layer starts at zero, the map as the identity.
 *
 * Forward, data to latent, is one pass of the network; the inverse fixes one dimension after another,
 * in as many steps as there are dimensions, and computes every hidden unit once.
 */
export class MaskedAutoregressive implements Bijection {
  readonly kind = 'maskedAutoregressive';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters;
  readonly #activation: Activation;
  readonly #logScaleBound: number;
  readonly #order: Permutation;
  readonly #network: AutoregressiveNetwork;
  /** The network's output [n, 2 · dim] to r and t, each [n, dim]. */
  readonly #placeScale: Selection;
  readonly #placeShift: Selection;

  /** @throws PushforwardError `usage` when `order` does not hold every dimension once. */
  constructor(options: MaskedAutoregressiveOptions) {
    const { dim, contextDim = 0, hidden, activation, logScaleBound = 2 } = options;
    const order = options.order ?? Array.from({ length: dim }, (_, i) => i);
    this.#order = new Permutation(order);
    if (dim < 1 || order.length !== dim) {
      throw new PushforwardError('usage', `an order of ${order.length} for ${dim} dimensions`, {
        mend: 'give at least one dimension, and each of them once in the order',
      });
    }
    checkLogScaleBound(logScaleBound);
    this.dim = dim;
    this.contextDim = contextDim;
    this.#activation = activation;
    this.#logScaleBound = logScaleBound;
    this.#network = new AutoregressiveNetwork({ dim, contextDim, hidden, outputs: 2, activation });
    this.parameters = this.#network.parameters;
    const place = (which: number) =>
      new Selection(
        2 * dim,
        dim,
        order.map((column, k) => [2 * k + which, column]),
      );
    this.#placeScale = place(0);
    this.#placeShift = place(1);
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { y: ordered } = this.#order.forward(x, []);
      const input = this.contextDim > 0 ? tf.concat([context as Tensor2D, ordered], 1) : ordered;
      const output = this.#network.apply(input, parameters);
      const logScale = boundedLogScale(this.#placeScale.apply(output), this.#logScaleBound);
      const shift = this.#placeShift.apply(output);
      return { y: tf.add(tf.mul(x, tf.exp(logScale)), shift) as Tensor2D, logDet: tf.sum(logScale, 1) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const targets = cut(y, new Array<number>(this.dim).fill(1), 1);
      const { order } = this.#order;
      const x = new Array<Tensor2D>(this.dim);
      const logScales: Tensor2D[] = [];
      this.#network.unroll(y.shape[0], context, parameters, (output, k) => {
        const column = order[k] as number;
        const [raw, shift] = tf.split(output, 2, 1) as [Tensor2D, Tensor2D];
        const opposite = tf.neg(boundedLogScale(raw, this.#logScaleBound));
        logScales.push(opposite);
        x[column] = tf.mul(tf.sub(targets[column] as Tensor2D, shift), tf.exp(opposite));
        return x[column];
      });
      return { x: tf.concat(x, 1), logDet: tf.sum(tf.concat(logScales, 1), 1) };
    });
  }

  spec(slices: readonly ParameterSlice[]): AutoregressiveSpec {
    return {
      kind: this.kind,
      order: this.#order.order,
      degrees: this.#network.degrees,
      activation: this.#activation,
      logScaleBound: this.#logScaleBound,
      parameters: slices,
    };
  }
}
