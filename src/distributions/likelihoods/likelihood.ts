import type { ParameterDefinition } from '../../ops/flatParameters.js';
import type { Random } from '../../random.js';
import type { Tensor, Tensor1D } from '../../tf.js';

/** A likelihood in JSON: its kind and the options it was made with. */
export interface LikelihoodConfig {
  readonly kind: string;
  readonly [option: string]: unknown;
}

/** The values that a likelihood has a density or probabilities on. */
export interface LikelihoodSupport {
  readonly low: number;
  readonly high: number;
  /** The values are low, low + step, … up to high; absent when all between are. */
  readonly step?: number;
}

/**
 * The law p(x | outputs) of data x [n, ...shape] given what a decoder puts out, [n, ...outputShape], in
 * which the numbers of a row are independent. It holds no values of its own: those of its parameters,
 * which are shared by all rows, come with every call in the order of `parameters`.
 */
export interface Likelihood {
  readonly kind: string;
  readonly parameters: readonly ParameterDefinition[];
  /** Null for the whole line. What lies outside is to be refused before it comes here. */
  readonly support: LikelihoodSupport | null;
  /**
   * The shape of a decoder's output, without the rows, for data of this shape.
   * @throws PushforwardError `shape` for data that it is not a law of.
   */
  outputShape(shape: readonly number[]): number[];
  /**
   * Outputs for a decoder to start at, for numbers that stand `columns` to a line (the last axis of x): as many
   * as `outputShape` has on that axis. Absent where outputs of 0 are as good a law to start with.
   */
  firstOutputs?(columns: number): number[];
  /** log p of each row, [n], in nats. Differentiable w.r.t. outputs and parameters. */
  logProb(x: Tensor, outputs: Tensor, parameters: readonly Tensor[]): Tensor1D;
  /** E[x], [n, ...shape]: traceable. */
  mean(outputs: Tensor, parameters: readonly Tensor[]): Tensor;
  /** One draw of x for each row of outputs, from `random`. It has no gradient. */
  sample(outputs: Tensor, parameters: readonly Tensor[], random: Random): Tensor;
  toJSON(): LikelihoodConfig;
}
