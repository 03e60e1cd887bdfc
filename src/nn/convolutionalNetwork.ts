import type { Activation } from '../native/spec.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tf } from '../tf.js';
import { activate } from './activations.js';
import { scaledNormal, zeros } from './mlp.js';

export interface ConvolutionalNetworkOptions {
  /** Channels of the input. */
  readonly inputs: number;
  /** Channels of the hidden layers; none is one convolution. */
  readonly hidden: readonly number[];
  /** Channels of the output. */
  readonly outputs: number;
  readonly activation: Activation;
}

/** A network of images that keeps their height and width. */
export interface ConvolutionalNetwork {
  /** weight0, bias0, weight1, bias1, …, and last logGain [outputs]. */
  readonly parameters: readonly ParameterDefinition[];
  /** [n, h, w, inputs] to [n, h, w, outputs]. */
  apply(x: Tensor4D, parameters: readonly Tensor[]): Tensor4D;
}

/** The first and the last convolution look at squares of this many pixels a side. */
const KERNEL = 3;

/** The gain of an output is exp(this · logGain). */
const GAIN_RATE = 3;

/**
 * The conditioner of Glow's couplings (Kingma and Dhariwal 2018, section 3.3 and its code): convolutions
 * 3 x 3, then 1 x 1, then 3 x 3, with zeros around the image; of more or fewer hidden layers the first
 * and the last are 3 x 3 and those between them 1 x 1. Its last layer starts at zero, so that what it
 * conditions starts as the identity, and has a learned gain for each channel, by which it grows faster
 * than its weights alone could. Hidden weights start as N(0, 2 / fan-in) (He et al. 2015), biases at
 * zero; Glow's normalisation of the hidden layers is left out.
 */
export function convolutionalNetwork({
  inputs,
  hidden,
  outputs,
  activation,
}: ConvolutionalNetworkOptions): ConvolutionalNetwork {
  const widths = [inputs, ...hidden, outputs];
  const layers = widths.length - 1;
  const parameters: ParameterDefinition[] = [];
  for (let k = 0; k < layers; k++) {
    const square = k === 0 || k === layers - 1 ? [KERNEL, KERNEL] : [];
    const shape = [...square, widths[k] as number, widths[k + 1] as number];
    const fanIn = tf.util.sizeFromShape(shape.slice(0, -1));
    const scale = k === layers - 1 ? 0 : Math.sqrt(2 / fanIn);
    parameters.push({ name: `weight${k}`, shape, initialise: scaledNormal(scale) });
    parameters.push({ name: `bias${k}`, shape: [widths[k + 1] as number], initialise: zeros });
  }
  parameters.push({ name: 'logGain', shape: [outputs], initialise: zeros });
  const apply = (x: Tensor4D, values: readonly Tensor[]): Tensor4D => {
    let h = x;
    for (let k = 0; k < layers; k++) {
      const linear = tf.add<Tensor4D>(convolve(h, values[2 * k] as Tensor), values[2 * k + 1] as Tensor1D);
      h = k === layers - 1 ? linear : activate(linear, activation);
    }
    return tf.mul(h, tf.exp(tf.mul(values[2 * layers] as Tensor1D, GAIN_RATE)));
  };
  return { parameters, apply };
}

/** A filter [size, size, in, out], or [in, out], which is one pixel wide and so a product at each pixel. */
function convolve(x: Tensor4D, filter: Tensor): Tensor4D {
  if (filter.rank === 4) return tf.conv2d(x, filter as Tensor4D, 1, 'same');
  const [n, height, width, channels] = x.shape;
  const pixels = tf.reshape(x, [n * height * width, channels]);
  const outputs = filter.shape[1] as number;
  return tf.reshape(tf.matMul(pixels, filter as Tensor2D), [n, height, width, outputs]);
}
