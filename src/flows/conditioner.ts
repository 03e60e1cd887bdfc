import { PushforwardError } from '../errors.js';
import { type Mlp, mlp } from '../nn/mlp.js';
import { residualMlp } from '../nn/residualMlp.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import type { Activation, ParameterDefinition } from './bijection.js';
import { wrapped } from './circle.js';
import { Selection } from './columns.js';

/** What a user says of the network that drives a coupling. */
export interface NetworkOptions {
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /**
   * Residual blocks (Durkan et al. 2019, appendix B.1) of two layers of the one width in `hidden`; 0, the
   * default, is a plain perceptron.
   */
  readonly residualBlocks?: number;
}

/** Its network's fields are those that `networkOf` gives. */
export interface ConditionerOptions extends Required<NetworkOptions> {
  readonly dim: number;
  readonly contextDim: number;
  /** The columns of x that it reads; may be empty. */
  readonly identity: readonly number[];
  /** Those of them that are angles on [−bound, bound): of these it reads cosine and sine. Default none. */
  readonly angles?: { readonly columns: readonly number[]; readonly bound: number };
  readonly outputs: number;
  /**
   * Begins the names of its parameters, scaleWeight0, scaleBias0, …, where another network stands beside
   * it. Default none: weight0, bias0, ….
   */
  readonly name?: string;
}

/** What drives a coupling: a network of [x_identity, context] whose outputs start at zero. */
export class Conditioner {
  readonly parameters: readonly ParameterDefinition[];
  /** Without identity and context it says the same for every row, and says it once: [1, outputs]. */
  readonly isConstant: boolean;
  /** The network, as it is told to the native plan. */
  readonly spec: Required<NetworkOptions>;
  readonly #network: Mlp;
  readonly #pick: Selection | null;
  readonly #pickAngles: Selection | null;
  /** An angle's full scale. */
  readonly #bound: number;
  readonly #takesContext: boolean;

  constructor(options: ConditionerOptions) {
    const { dim, contextDim, identity, angles, hidden, outputs, activation, residualBlocks } = options;
    const round = identity.filter((column) => angles?.columns.includes(column));
    const straight = identity.filter((column) => !round.includes(column));
    const inputs = straight.length + 2 * round.length + contextDim;
    const width = hidden[0] as number;
    this.spec = { hidden, activation, residualBlocks };
    this.#network =
      residualBlocks > 0
        ? residualMlp({ inputs, width, blocks: residualBlocks, outputs, activation })
        : mlp({ inputs, hidden, outputs, activation });
    this.parameters = this.#network.parameters.map((parameter) => ({
      ...parameter,
      name: prefixed(options.name ?? '', parameter.name),
    }));
    this.#pick = straight.length === 0 ? null : Selection.of(dim, straight);
    this.#pickAngles = round.length === 0 ? null : Selection.of(dim, round);
    this.#bound = angles?.bound ?? Math.PI;
    this.#takesContext = contextDim > 0;
    this.isConstant = inputs === 0;
  }

  /** [n, outputs]; it reads the identity's columns of x alone, on which both sides of a coupling agree. */
  apply(x: Tensor2D, parameters: readonly Tensor[], context: Tensor2D | undefined): Tensor2D {
    const inputs: Tensor2D[] = [];
    if (this.#pick !== null) inputs.push(this.#pick.apply(x));
    if (this.#pickAngles !== null) {
      const angles: Tensor2D = tf.mul(wrapped(this.#pickAngles.apply(x), this.#bound), Math.PI / this.#bound);
      inputs.push(tf.cos(angles), tf.sin(angles));
    }
    if (this.#takesContext) inputs.push(context as Tensor2D);
    return this.#network.apply(inputs.length > 1 ? tf.concat(inputs, 1) : inputs[0], parameters);
  }
}

function prefixed(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/**
 * What the options of a bijection say of its network, and nothing else of them.
 * @throws PushforwardError `usage` when `residualBlocks` is no count, or has other than one width.
 */
export function networkOf({
  hidden,
  activation,
  residualBlocks = 0,
}: NetworkOptions): Required<NetworkOptions> {
  if (!Number.isInteger(residualBlocks) || residualBlocks < 0) {
    throw new PushforwardError('usage', `residualBlocks of ${residualBlocks}`, {
      mend: 'give a whole number from 0, which is a plain perceptron',
    });
  }
  if (residualBlocks > 0 && hidden.length !== 1) {
    throw new PushforwardError('usage', `hidden widths [${hidden.join(', ')}] of a residual network`, {
      mend: 'give one width, which all layers of its blocks share',
    });
  }
  return { hidden, activation, residualBlocks };
}
