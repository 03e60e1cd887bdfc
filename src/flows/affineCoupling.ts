import { PushforwardError } from '../errors.js';
import { boundedLogScale, checkLogScaleBound } from '../nn/logScale.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { Bijection, LayerSpec, ParameterSlice } from './bijection.js';
import { checkParts, Selection } from './columns.js';
import { Conditioner, type NetworkOptions, networkOf } from './conditioner.js';

/** `hidden`, `activation` and `residualBlocks` are those of the network that drives it. */
export interface AffineCouplingOptions extends NetworkOptions {
  readonly dim: number;
  /** Width of the context; 0, the default, is none. */
  readonly contextDim?: number;
  /** Dimensions that pass unchanged and drive the others; may be empty. */
  readonly identity: readonly number[];
  /** The other dimensions, at least one. */
  readonly transformed: readonly number[];
  /** Greatest absolute log-scale of one layer. Default 2: a layer stretches by e^±2 at most. */
  readonly logScaleBound?: number;
  /**
   * Whether one network says scale and shift, the default, or each has one of its own, as in the paper,
   * of the same hidden layers.
   */
  readonly networks?: 'joint' | 'separate';
}

/**
 * Affine coupling (Dinh, Sohl-Dickstein and Bengio 2017, equations 7 and 8):
 * y_identity = x_identity, y_transformed = x_transformed · exp(s) + t, where
 * s = bound · tanh(r / bound) and (r, t) is a network of [x_identity, context], or r and t are two. The
 * soft bound keeps deep stacks from overflowing. The networks' last layers start at zero, the coupling
 * as the identity.
 *
 * Columns are picked and put back by products with constant 0/1 matrices, which is exact and, unlike
 * slices and gathers, cheap on every backend in both directions. So s and t are 0 on the identity's
 * columns, where x · exp(0) + 0 is x to the bit.
 */
export class AffineCoupling implements Bijection {
  readonly kind = 'affineCoupling';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters;
  readonly #options: Pick<
    Required<AffineCouplingOptions>,
    'identity' | 'transformed' | 'logScaleBound' | 'networks'
  >;
  /** One that says r and t, or one for each. */
  readonly #conditioners: readonly [Conditioner, ...Conditioner[]];
  /** The networks' outputs [n, 2t] to r and t, each [n, dim]. */
  readonly #placeScale: Selection;
  readonly #placeShift: Selection;

  /**
   * @throws PushforwardError `usage` when the two lists do not hold every dimension once, or the
   * network's options do not go together.
   */
  constructor(options: AffineCouplingOptions) {
    const { dim, contextDim = 0, identity, transformed, logScaleBound = 2, networks = 'joint' } = options;
    checkParts(dim, identity, transformed);
    checkLogScaleBound(logScaleBound);
    this.dim = dim;
    this.contextDim = contextDim;
    checkNetworks(networks);
    this.#options = { identity, transformed, logScaleBound, networks };
    const count = transformed.length;
    const network = { ...networkOf(options), dim, contextDim, identity, outputs: count };
    this.#conditioners =
      networks === 'joint'
        ? [new Conditioner({ ...network, outputs: 2 * count })]
        : [new Conditioner({ ...network, name: 'scale' }), new Conditioner({ ...network, name: 'shift' })];
    this.parameters = this.#conditioners.flatMap(({ parameters }) => parameters);
    this.#placeScale = new Selection(
      2 * count,
      dim,
      transformed.map((column, k) => [k, column]),
    );
    this.#placeShift = new Selection(
      2 * count,
      dim,
      transformed.map((column, k) => [count + k, column]),
    );
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { logScale, shift } = this.#condition(x, parameters, context);
      return { y: tf.add(tf.mul(x, tf.exp(logScale)), shift) as Tensor2D, logDet: tf.sum(logScale, 1) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { logScale, shift } = this.#condition(y, parameters, context);
      const opposite = tf.neg(logScale);
      return { x: tf.mul(tf.sub(y, shift), tf.exp(opposite)) as Tensor2D, logDet: tf.sum(opposite, 1) };
    });
  }

  spec(slices: readonly ParameterSlice[]): LayerSpec {
    return { kind: this.kind, ...this.#options, ...this.#conditioners[0].spec, parameters: slices };
  }

  /** s and t as [n, dim], zero on the identity's columns; x and y agree on what it reads. */
  #condition(
    x: Tensor2D,
    parameters: readonly Tensor[],
    context: Tensor2D | undefined,
  ): { logScale: Tensor2D; shift: Tensor2D } {
    const { logScaleBound } = this.#options;
    const count = this.parameters.length / this.#conditioners.length;
    const outputs = this.#conditioners.map((conditioner, i) =>
      conditioner.apply(x, parameters.slice(i * count, (i + 1) * count), context),
    );
    const output = outputs.length > 1 ? tf.concat(outputs, 1) : (outputs[0] as Tensor2D);
    const raw = this.#placeScale.apply(output);
    const bounded = boundedLogScale(raw, logScaleBound);
    const shift = this.#placeShift.apply(output);
    if (!this.#conditioners[0].isConstant) return { logScale: bounded, shift };
    // One row for all becomes as many as x has.
    return { logScale: tf.add(tf.zeros<tf.Rank.R2>(x.shape), bounded), shift };
  }
}

function checkNetworks(networks: string): void {
  if (networks === 'joint' || networks === 'separate') return;
  throw new PushforwardError('usage', `networks '${networks}' of an affine coupling`, {
    mend: 'give joint or separate',
  });
}
