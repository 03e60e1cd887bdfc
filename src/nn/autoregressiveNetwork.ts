import type { Activation } from '../native/spec.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { activate, initialScales } from './activations.js';
import { mask } from './masks.js';
import { scaledNormal, ZERO } from './mlp.js';
import { NEARLY_ZERO } from './residualMlp.js';

export interface AutoregressiveNetworkOptions {
  /** Number of variables, at least 1. */
  readonly dim: number;
  /** Width of the context, which every hidden unit may see; 0 is none. */
  readonly contextDim: number;
  readonly hidden: readonly number[];
  /** Residual blocks of two layers each, all of the one width in `hidden`; 0 is a plain perceptron. */
  readonly residualBlocks: number;
  /** Outputs for each variable. */
  readonly outputs: number;
  readonly activation: Activation;
}

/**
 * Degrees of the units of each hidden layer. A unit of degree m sees the context and variables 0 … m − 1,
 * and the outputs of variables m … dim − 1 see it (Germain et al. 2015, MADE, section 3).
 *
 * They are dealt out evenly and ascend, so that the masks are block-triangular and the zero blocks can be
 * left out of products. There are no units of degree 0, which see the context alone, where there is no
 * context and a variable to see in its stead.
 */
export function hiddenDegrees(dim: number, contextDim: number, hidden: readonly number[]): number[][] {
  const least = contextDim > 0 || dim === 1 ? 0 : 1;
  return hidden.map((width) =>
    Array.from({ length: width }, (_, unit) => least + Math.floor((unit * (dim - least)) / width)),
  );
}

/**
 * A masked network of several variables (Germain et al. 2015): the outputs of variable k depend on the
 * context and on variables before k alone. Inputs are [context, variables], outputs lie variable after
 * variable. The last layer starts at zero. A residual one is built as `residualMlp` is; all units of its
 * blocks have the degrees of the one hidden layer.
 */
export class AutoregressiveNetwork {
  /** weight0 [contextDim + dim, h], bias0 [h], weight1, bias1, … */
  readonly parameters: readonly ParameterDefinition[];
  /** Of each hidden layer's units; of a residual network once. */
  readonly degrees: readonly (readonly number[])[];
  readonly #dim: number;
  readonly #activation: Activation;
  readonly #residual: boolean;
  /** Degrees of each layer's columns: hidden units, then outputs. */
  readonly #columns: readonly (readonly number[])[];
  readonly #masks: readonly Float32Array[];

  constructor(options: AutoregressiveNetworkOptions) {
    const { dim, contextDim, hidden, residualBlocks, outputs, activation } = options;
    this.#dim = dim;
    this.#activation = activation;
    this.#residual = residualBlocks > 0;
    this.degrees = hiddenDegrees(dim, contextDim, hidden);
    const inner = new Array<readonly number[]>(2 * residualBlocks).fill(this.degrees[0] ?? []);
    const layers = [...this.degrees, ...inner];
    const variables = Array.from({ length: dim }, (_, k) => k);
    // Variable k is for degrees above k to see; the context is for all.
    const inputs = [...new Array<number>(contextDim).fill(0), ...variables.map((k) => k + 1)];
    this.#columns = [...layers, variables.flatMap((k) => new Array<number>(outputs).fill(k))];
    const rows = [inputs, ...layers];
    this.#masks = this.#columns.map((columns, l) => mask(rows[l] ?? [], columns, (from, to) => from <= to));
    this.parameters = this.#columns.flatMap((columns, l) => {
      const fanIn = rows[l]?.length ?? 0;
      let scales = initialScales(activation, fanIn);
      if (this.#addsToSum(l) && l > 0) scales = NEARLY_ZERO;
      if (l === layers.length) scales = ZERO;
      return [
        { name: `weight${l}`, shape: [fanIn, columns.length], initialise: scaledNormal(scales.weights) },
        { name: `bias${l}`, shape: [columns.length], initialise: scaledNormal(scales.biases) },
      ];
    });
  }

  /** [n, contextDim + dim] to [n, dim · outputs]. */
  apply(input: Tensor2D, parameters: readonly Tensor[]): Tensor2D {
    let step: Step = { read: input };
    this.#masks.forEach((mask, l) => {
      const weight = parameters[2 * l] as Tensor2D;
      const masked: Tensor2D = tf.mul(weight, tf.tensor2d(mask, weight.shape));
      const linear: Tensor2D = tf.add(tf.matMul(step.read, masked), parameters[2 * l + 1] as Tensor1D);
      step = this.#after(l, linear, step.sum);
    });
    return step.read;
  }

  /**
   * Runs the network one variable after the other: `next` is given the outputs [n, outputs] of variable k
   * and gives its value [n, 1], which the outputs of those after it then see. Every hidden unit is
   * computed once, as soon as what it sees is known; all shapes are the network's, so a trace holds.
   */
  unroll(
    n: number,
    context: Tensor2D | undefined,
    parameters: readonly Tensor[],
    next: (outputs: Tensor2D, k: number) => Tensor2D,
  ): void {
    const groups = this.#columns.map((columns, l) =>
      byDegree(parameters[2 * l] as Tensor2D, parameters[2 * l + 1] as Tensor1D, columns),
    );
    // What is known of each layer's input, so far.
    const known: (Tensor2D | undefined)[] = [context];
    for (let k = 0; k < this.#dim; k++) {
      let sum: Tensor2D | undefined;
      groups.forEach((group, l) => {
        const unit = group.get(k);
        if (unit === undefined) return;
        const step = this.#after(l, affine(known[l], unit, n), sum);
        sum = step.sum;
        const last = l === groups.length - 1;
        const into = last ? 0 : l + 1;
        known[into] = append(known[into], last ? next(step.read, k) : step.read);
      });
    }
  }

  /** Whether what layer l says goes into the sum h of a residual network, which the last layer reads. */
  #addsToSum(l: number): boolean {
    return this.#residual && l % 2 === 0 && l < this.#columns.length - 1;
  }

  /** From what layer l says, and the sum so far, to what the next layer reads; of all units or of some. */
  #after(l: number, linear: Tensor2D, before: Tensor2D | undefined): Step {
    const last = this.#columns.length - 1;
    if (l === last) return { read: linear };
    if (!this.#addsToSum(l)) return { read: activate(linear, this.#activation), sum: before };
    const sum: Tensor2D = before === undefined ? linear : tf.add(before, linear);
    return { read: l === last - 1 ? sum : activate(sum, this.#activation), sum };
  }
}

/** Between two layers. */
interface Step {
  /** What the next layer reads, or the outputs. */
  readonly read: Tensor2D;
  /** The sum h of a residual network so far. */
  readonly sum?: Tensor2D | undefined;
}

/** Columns of an affine layer that have the same degree. */
interface Columns {
  readonly weight: Tensor2D;
  readonly bias: Tensor1D;
}

/** Cuts a layer into its columns of each degree that occurs; degrees ascend. */
function byDegree(weight: Tensor2D, bias: Tensor1D, degrees: readonly number[]): Map<number, Columns> {
  const occurring = [...new Set(degrees)];
  const sizes = occurring.map((degree) => degrees.filter((other) => other === degree).length);
  const weights = tf.split(weight, sizes, 1);
  const biases = tf.split(bias, sizes, 0);
  return new Map(
    occurring.map((degree, i) => [degree, { weight: weights[i] as Tensor2D, bias: biases[i] as Tensor1D }]),
  );
}

/** What the columns make of those inputs that are known, which are the first ones; [n, columns]. */
function affine(known: Tensor2D | undefined, { weight, bias }: Columns, n: number): Tensor2D {
  const [inputs, columns] = weight.shape;
  if (known === undefined) return tf.add(tf.zeros<tf.Rank.R2>([n, columns]), bias);
  const seen = known.shape[1];
  const [used] = tf.split(weight, seen === inputs ? [seen] : [seen, inputs - seen], 0);
  return tf.add(tf.matMul(known, used as Tensor2D), bias);
}

function append(known: Tensor2D | undefined, values: Tensor2D): Tensor2D {
  return known === undefined ? values : tf.concat([known, values], 1);
}
