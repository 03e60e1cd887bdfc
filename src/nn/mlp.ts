import type { Activation } from '../native/spec.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { activate, initialScales } from './activations.js';

export interface MlpOptions {
  /** Width of the input; 0 is a network without input, whose output is one row of constants. */
  readonly inputs: number;
  /** Widths of the hidden layers; none is an affine map. */
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: Activation;
}

/** A network of linear layers and activations. */
export interface Mlp {
  /** weight0 [inputs, h], bias0 [h], weight1, bias1, … */
  readonly parameters: readonly ParameterDefinition[];
  /** [n, inputs] to [n, outputs]; without inputs x is undefined and the output [1, outputs]. */
  apply(x: Tensor2D | undefined, parameters: readonly Tensor[]): Tensor2D;
}

/** Of layers that start at zero. */
export const ZERO = { weights: 0, biases: 0 };

/**
 * A multilayer perceptron, h_{k+1} = activation(h_k W_k + b_k), the last layer linear. That layer starts
 * at zero, so that what it conditions starts as the identity; the hidden layers start normal, with the
 * deviations of `initialScales`.
 */
export function mlp({ inputs, hidden, outputs, activation }: MlpOptions): Mlp {
  const widths = [inputs, ...hidden, outputs];
  const layers = widths.length - 1;
  const parameters: ParameterDefinition[] = [];
  for (let k = 0; k < layers; k++) {
    const fanIn = widths[k] as number;
    const fanOut = widths[k + 1] as number;
    const { weights, biases } = k === layers - 1 ? ZERO : initialScales(activation, fanIn);
    parameters.push({ name: `weight${k}`, shape: [fanIn, fanOut], initialise: scaledNormal(weights) });
    parameters.push({ name: `bias${k}`, shape: [fanOut], initialise: scaledNormal(biases) });
  }
  const apply = (x: Tensor2D | undefined, values: readonly Tensor[]): Tensor2D => {
    let h: Tensor2D | undefined = x;
    for (let k = 0; k < layers; k++) {
      const sum = linear(h, values, k);
      h = k === layers - 1 ? sum : activate(sum, activation);
    }
    return h as Tensor2D;
  };
  return { parameters, apply };
}

/** Layer k of a network with these values: x W_k + b_k [n, h], or b_k [1, h] when there is no x. */
export function linear(x: Tensor2D | undefined, values: readonly Tensor[], k: number): Tensor2D {
  const bias = values[2 * k + 1] as Tensor1D;
  if (x === undefined) return tf.reshape(bias, [1, bias.size]);
  return tf.add(tf.matMul(x, values[2 * k] as Tensor2D), bias);
}

/** Initialises to N(0, scale²); a scale of zero draws nothing. */
export function scaledNormal(scale: number): ParameterDefinition['initialise'] {
  return (values, normal) => {
    if (scale === 0 || values.length === 0) return;
    normal(values);
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * scale;
  };
}

/** Leaves the values at zero. */
export function zeros(): void {}
