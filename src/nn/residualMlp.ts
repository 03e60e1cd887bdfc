import type { Activation } from '../native/spec.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import { activate, initialScales } from './activations.js';
import { linear, type Mlp, scaledNormal, ZERO } from './mlp.js';

export interface ResidualMlpOptions {
  /** Width of the input; 0 is a network without input, whose output is one row of constants. */
  readonly inputs: number;
  /** Width of every hidden layer. */
  readonly width: number;
  /** Residual blocks of two layers each, at least 1. */
  readonly blocks: number;
  readonly outputs: number;
  readonly activation: Activation;
}

/** Of the last layer of each block: the deviation of a uniform law on ±1e-3. */
export const NEARLY_ZERO = { weights: 1e-3 / Math.sqrt(3), biases: 0 };

/**
 * A residual network (He et al. 2016, with the activations first) as conditioners of flows use it
 * (Durkan et al. 2019, appendix B.1): h_0 = x W + b, each block adds
 * activation(activation(h) W_a + b_a) W_b + b_b to h, and a last linear layer reads h.
 *
 * It has the parameters weight0 [inputs, width], bias0, then two layers a block, and last
 * [width, outputs], numbered through. Each block starts near the identity and the last layer at zero.
 */
export function residualMlp({ inputs, width, blocks, outputs, activation }: ResidualMlpOptions): Mlp {
  const parameters: ParameterDefinition[] = [];
  const add = (fanIn: number, fanOut: number, scales: { weights: number; biases: number }): void => {
    const k = parameters.length / 2;
    parameters.push({ name: `weight${k}`, shape: [fanIn, fanOut], initialise: scaledNormal(scales.weights) });
    parameters.push({ name: `bias${k}`, shape: [fanOut], initialise: scaledNormal(scales.biases) });
  };
  add(inputs, width, initialScales(activation, inputs));
  for (let block = 0; block < blocks; block++) {
    add(width, width, initialScales(activation, width));
    add(width, width, NEARLY_ZERO);
  }
  add(width, outputs, ZERO);
  const apply = (x: Tensor2D | undefined, values: readonly Tensor[]): Tensor2D => {
    let h = linear(x, values, 0);
    for (let block = 0; block < blocks; block++) {
      const inner = activate(linear(activate(h, activation), values, 2 * block + 1), activation);
      h = tf.add(h, linear(inner, values, 2 * block + 2));
    }
    return linear(h, values, 2 * blocks + 1);
  };
  return { parameters, apply };
}
