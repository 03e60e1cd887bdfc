import { PushforwardError } from '../errors.js';
import type { AutoregressiveNetworkSpec } from '../native/spec.js';
import { AutoregressiveNetwork } from '../nn/autoregressiveNetwork.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { type NetworkOptions, networkOf } from './conditioner.js';
import { Permutation } from './permutation.js';

export interface AutoregressiveOptions extends NetworkOptions {
  readonly dim: number;
  /** Width of the context; 0, the default, is none. */
  readonly contextDim?: number;
  /** order[k] is the dimension that comes k-th and depends on those before it. Default 0, 1, 2, … */
  readonly order?: readonly number[];
}

/** A monotone map of single numbers, each steered by `size` numbers of its own. */
export interface ElementwiseMap {
  readonly size: number;
  /** x [n, m] and its numbers raw [n, m · size], one x after the other, to y and log(dy/dx), each [n, m]. */
  forward(x: Tensor2D, raw: Tensor2D): { y: Tensor2D; logDet: Tensor2D };
  /** y [n, m] and raw [n, m · size] to x and log(dx/dy), each [n, m]. */
  inverse(y: Tensor2D, raw: Tensor2D): { x: Tensor2D; logDet: Tensor2D };
}

/**
 * An elementwise map of R^d whose numbers for dimension i depend on the context and on the dimensions of x
 * before i in `order`, all of them by one masked network (Germain et al. 2015, MADE), whose last layer
 * starts at zero. Its Jacobian is triangular in that order.
 *
 * Forward, data to latent, is one pass of the network; the inverse fixes one dimension after another,
 * in as many steps as there are dimensions, and computes every hidden unit once.
 */
export abstract class AutoregressiveMap implements Bijection {
  abstract readonly kind: string;
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters: readonly ParameterDefinition[];
  readonly #networkOptions: Required<NetworkOptions>;
  readonly #order: Permutation;
  readonly #network: AutoregressiveNetwork;
  readonly #elementwise: ElementwiseMap;

  /**
   * @throws PushforwardError `usage` when `order` does not hold every dimension once, or when
   * `residualBlocks` and `hidden` do not go together.
   */
  protected constructor(options: AutoregressiveOptions, elementwise: ElementwiseMap) {
    const { dim, contextDim = 0 } = options;
    this.#networkOptions = networkOf(options);
    const order = options.order ?? Array.from({ length: dim }, (_, i) => i);
    this.#order = new Permutation(order);
    if (dim < 1 || order.length !== dim) {
      throw new PushforwardError('usage', `an order of ${order.length} for ${dim} dimensions`, {
        mend: 'give at least one dimension, and each of them once in the order',
      });
    }
    this.dim = dim;
    this.contextDim = contextDim;
    this.#elementwise = elementwise;
    this.#network = new AutoregressiveNetwork({
      ...this.#networkOptions,
      dim,
      contextDim,
      outputs: elementwise.size,
    });
    this.parameters = this.#network.parameters;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { y: ordered } = this.#order.forward(x, []);
      const input = this.contextDim > 0 ? tf.concat([context as Tensor2D, ordered], 1) : ordered;
      const { y, logDet } = this.#elementwise.forward(ordered, this.#network.apply(input, parameters));
      return { y: this.#order.inverse(y, []).x, logDet: tf.sum(logDet, 1) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const targets = tf.split(y, this.dim, 1);
      const { order } = this.#order;
      const x = new Array<Tensor2D>(this.dim);
      const logDets: Tensor2D[] = [];
      this.#network.unroll(y.shape[0], context, parameters, (raw, k) => {
        const column = order[k] as number;
        const solved = this.#elementwise.inverse(targets[column] as Tensor2D, raw);
        logDets.push(solved.logDet);
        x[column] = solved.x;
        return solved.x;
      });
      return { x: tf.concat(x, 1), logDet: tf.sum(tf.concat(logDets, 1), 1) };
    });
  }

  abstract spec(slices: readonly ParameterSlice[]): LayerSpec;

  /** The part of the spec that is the same whatever the elementwise map. */
  protected networkSpec(slices: readonly ParameterSlice[]): AutoregressiveNetworkSpec {
    const { activation, residualBlocks } = this.#networkOptions;
    return {
      order: this.#order.order,
      degrees: this.#network.degrees,
      activation,
      residualBlocks,
      parameters: slices,
    };
  }
}
