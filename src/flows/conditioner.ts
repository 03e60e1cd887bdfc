import { type Mlp, mlp } from '../nn/mlp.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import type { Activation, ParameterDefinition } from './bijection.js';
import { Selection } from './columns.js';

export interface ConditionerOptions {
  readonly dim: number;
  readonly contextDim: number;
  /** The columns of x that it reads; may be empty. */
  readonly identity: readonly number[];
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: Activation;
}

/** What drives a coupling: an MLP of [x_identity, context] whose outputs start at zero. */
export class Conditioner {
  readonly parameters: readonly ParameterDefinition[];
  /** Without identity and context it says the same for every row, and says it once: [1, outputs]. */
  readonly isConstant: boolean;
  readonly #network: Mlp;
  readonly #pick: Selection | null;
  readonly #takesContext: boolean;

  constructor({ dim, contextDim, identity, hidden, outputs, activation }: ConditionerOptions) {
    this.#network = mlp({ inputs: identity.length + contextDim, hidden, outputs, activation });
    this.parameters = this.#network.parameters;
    this.#pick = identity.length === 0 ? null : Selection.of(dim, identity);
    this.#takesContext = contextDim > 0;
    this.isConstant = identity.length + contextDim === 0;
  }

  /** [n, outputs]; it reads the identity's columns of x alone, on which both sides of a coupling agree. */
  apply(x: Tensor2D, parameters: readonly Tensor[], context: Tensor2D | undefined): Tensor2D {
    const inputs: Tensor2D[] = [];
    if (this.#pick !== null) inputs.push(this.#pick.apply(x));
    if (this.#takesContext) inputs.push(context as Tensor2D);
    return this.#network.apply(inputs.length > 1 ? tf.concat(inputs, 1) : inputs[0], parameters);
  }
}
