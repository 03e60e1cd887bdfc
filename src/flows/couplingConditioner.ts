import { PushforwardError } from '../errors.js';
import { type Mlp, mlp } from '../nn/mlp.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import type { Activation } from './bijection.js';
import { Selection } from './selection.js';

/** What every coupling is given. */
export interface CouplingOptions {
  readonly dim: number;
  /** Width of the context; 0, the default, is none. */
  readonly contextDim?: number;
  /** Dimensions that pass unchanged and drive the others; may be empty. */
  readonly identity: readonly number[];
  /** The other dimensions, at least one. */
  readonly transformed: readonly number[];
  /** Widths of the conditioner's hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
}

/**
 * The network that drives a coupling: an MLP of [x_identity, context] whose output is some groups of one
 * number for each transformed dimension. Its last layer starts at zero.
 *
 * Columns are picked and put back by products with constant 0/1 matrices, which is exact and, unlike
 * slices and gathers, cheap on every backend in both directions.
 */
export class CouplingConditioner {
  readonly parameters: Mlp['parameters'];
  readonly #contextDim: number;
  readonly #network: Mlp;
  /** x [n, dim] to its identity part. */
  readonly #pick: Selection | undefined;
  /** The network's output [n, groups · t] to its groups, each [n, dim]. */
  readonly #place: readonly Selection[];

  /** @throws PushforwardError `usage` when the two lists do not hold every dimension once. */
  constructor(options: CouplingOptions, groups: number) {
    const { dim, contextDim = 0, identity, transformed, hidden, activation } = options;
    const all = [...identity, ...transformed].sort((a, b) => a - b);
    if (transformed.length === 0 || all.length !== dim || all.some((column, i) => column !== i)) {
      throw new PushforwardError(
        'usage',
        `identity [${identity.join(', ')}] and transformed [${transformed.join(', ')}] do not part ${dim} dimensions`,
        { mend: `put each of 0 to ${dim - 1} in one of them, and at least one in transformed` },
      );
    }
    const count = transformed.length;
    const inputs = identity.length + contextDim;
    this.#network = mlp({ inputs, hidden, outputs: groups * count, activation });
    this.parameters = this.#network.parameters;
    this.#contextDim = contextDim;
    if (identity.length > 0) {
      this.#pick = new Selection(
        dim,
        identity.length,
        identity.map((column, k) => [column, k]),
      );
    }
    this.#place = Array.from(
      { length: groups },
      (_, group) =>
        new Selection(
          groups * count,
          dim,
          transformed.map((column, k) => [group * count + k, column]),
        ),
    );
  }

  /**
   * The groups as [n, dim] each, zero on the identity's columns; x and y agree on what it reads. Without
   * identity and context there is nothing to read, and the groups are one row [1, dim] for all.
   */
  apply(x: Tensor2D, parameters: readonly Tensor[], context: Tensor2D | undefined): Tensor2D[] {
    const inputs: Tensor2D[] = [];
    if (this.#pick !== undefined) inputs.push(this.#pick.apply(x));
    if (this.#contextDim > 0) inputs.push(context as Tensor2D);
    const input = inputs.length > 1 ? tf.concat(inputs, 1) : inputs[0];
    const output = this.#network.apply(input, parameters);
    return this.#place.map((selection) => selection.apply(output));
  }
}
