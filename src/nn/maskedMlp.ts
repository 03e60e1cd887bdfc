import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { autoregressiveMasks } from './masks.js';
import { scaledNormal, zeros } from './mlp.js';

/** The weights of one affine layer. */
export interface AffineLayer {
  readonly weight: Tensor2D;
  readonly bias: Tensor1D;
}

/** The weights of a masked network, masks applied. */
export interface MaskedWeights {
  /** The hidden layers, then the output layer. */
  readonly layers: readonly AffineLayer[];
  /** Inputs straight to outputs [inputs, inputs]. */
  readonly direct: Tensor2D;
}

/**
 * A masked autoregressive network on the one-hot codes of several variables (Germain et al. 2015),
 * ReLU, with masked direct connections from inputs to outputs: it has as many outputs as inputs, and
 * those of a variable depend on the variables before it alone.
 */
export interface MaskedMlp {
  /** weight0 [inputs, h], bias0 [h], …, weightL [h, inputs], biasL [inputs], direct [inputs, inputs]. */
  readonly parameters: readonly ParameterDefinition[];
  /** What each parameter is multiplied by, 0 or 1, in the order of `parameters`. */
  readonly masks: readonly Float32Array[];
  /** Sorts masked parameters into layers. */
  weights(parameters: readonly Tensor[]): MaskedWeights;
  /** One-hot codes [n, inputs] to outputs [n, inputs]. */
  apply(x: Tensor2D, parameters: readonly Tensor[]): Tensor2D;
}

/** Builds the network; output and direct weights start at zero, so that its outputs start as biases. */
export function maskedMlp(cardinalities: readonly number[], hidden: readonly number[]): MaskedMlp {
  const inputs = cardinalities.reduce((sum, cardinality) => sum + cardinality, 0);
  const widths = [inputs, ...hidden, inputs];
  const layerCount = widths.length - 1;
  const { weights: weightMasks, direct: directMask } = autoregressiveMasks(cardinalities, hidden);
  const parameters: ParameterDefinition[] = [];
  const masks: Float32Array[] = [];
  weightMasks.forEach((mask, k) => {
    const fanIn = widths[k] as number;
    const fanOut = widths[k + 1] as number;
    // Of one-hot inputs only one in each variable is 1, and the masks let through half of a layer.
    const active = k === 0 ? cardinalities.length : fanIn;
    const scale = k === layerCount - 1 ? 0 : Math.sqrt(4 / active);
    parameters.push({ name: `weight${k}`, shape: [fanIn, fanOut], initialise: scaledNormal(scale) });
    parameters.push({ name: `bias${k}`, shape: [fanOut], initialise: zeros });
    masks.push(mask, new Float32Array(fanOut).fill(1));
  });
  parameters.push({ name: 'direct', shape: [inputs, inputs], initialise: zeros });
  masks.push(directMask);

  const weights = (values: readonly Tensor[]): MaskedWeights => ({
    layers: Array.from({ length: layerCount }, (_, k) => ({
      weight: values[2 * k] as Tensor2D,
      bias: values[2 * k + 1] as Tensor1D,
    })),
    direct: values[2 * layerCount] as Tensor2D,
  });
  const apply = (x: Tensor2D, values: readonly Tensor[]): Tensor2D => {
    const { layers, direct } = weights(values);
    let h = x;
    layers.forEach(({ weight, bias }, k) => {
      const linear: Tensor2D = tf.add(tf.matMul(h, weight), bias);
      h = k === layerCount - 1 ? linear : tf.relu(linear);
    });
    return tf.add(h, tf.matMul(x, direct));
  };
  return { parameters, masks, weights, apply };
}
