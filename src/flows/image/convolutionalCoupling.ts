import { checkImageShape, type ImageShape, imageSize } from '../../imageShape.js';
import type { Activation } from '../../native/spec.js';
import { type ConvolutionalNetwork, convolutionalNetwork } from '../../nn/convolutionalNetwork.js';
import { boundedLogScale, checkLogScaleBound } from '../../nn/logScale.js';
import { recomputed } from '../../ops/recomputed.js';
import { type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, tf } from '../../tf.js';
import type { Bijection, ParameterDefinition } from '../bijection.js';
import { sameForRows } from '../rows.js';
import { type ImageMask, type ImageParts, partsOf } from './parts.js';
import { toImages, toRows } from './shape.js';

export interface ConvolutionalCouplingOptions extends ImageShape {
  /** Width of the context; 0, the default, is none. */
  readonly contextDim?: number;
  /** Channels of the conditioner's hidden layers; none is one 3 x 3 convolution. */
  readonly hidden: readonly number[];
  /** Default relu, as in the papers. */
  readonly activation?: Activation;
  /** Greatest absolute log-scale of one layer. Default 2. */
  readonly logScaleBound?: number;
  /** How the image is parted. Default channels. */
  readonly mask?: ImageMask;
  /** Lets the other part drive. Default false. */
  readonly flip?: boolean;
  /** Shifts without scaling, which keeps volumes. Default false. */
  readonly additive?: boolean;
}

/**
 * Affine coupling of images with a convolutional conditioner (Dinh, Sohl-Dickstein and Bengio 2017,
 * sections 3.2 to 3.4; Kingma and Dhariwal 2018, section 3.3): y = x on the part that drives,
 * y = x · exp(s) + t on the other, (r, t) a network of the part that drives, with the context as
 * constant planes beside its channels.
 *
 * Where Glow's code has the scale σ(r + 2), which only ever shrinks and starts at 0.88, this has the
 * soft bound of every coupling here, s = bound · tanh(r / bound), and starts as the identity.
 *
 * A gradient runs the network anew: its hidden layers, of many more channels than the image, would be
 * most of what a deep flow holds in memory.
 */
export class ConvolutionalCoupling implements Bijection {
  readonly kind = 'convolutionalCoupling';
  readonly dim: number;
  readonly contextDim: number;
  readonly parameters: readonly ParameterDefinition[];
  readonly #shape: ImageShape;
  readonly #parts: ImageParts;
  readonly #network: ConvolutionalNetwork;
  readonly #logScaleBound: number;
  readonly #isAdditive: boolean;

  /** @throws PushforwardError `usage` for images that the mask does not part in two. */
  constructor(options: ConvolutionalCouplingOptions) {
    const { height, width, channels, contextDim = 0, hidden, activation = 'relu' } = options;
    const { logScaleBound = 2, mask = 'channels', flip = false, additive = false } = options;
    checkImageShape(options);
    checkLogScaleBound(logScaleBound);
    this.#shape = { height, width, channels };
    this.#parts = partsOf(mask, this.#shape, flip);
    this.#network = convolutionalNetwork({
      inputs: this.#parts.inputs + contextDim,
      hidden,
      outputs: this.#parts.outputs * (additive ? 1 : 2),
      activation,
    });
    this.#logScaleBound = logScaleBound;
    this.#isAdditive = additive;
    this.dim = imageSize(this.#shape);
    this.contextDim = contextDim;
    this.parameters = this.#network.parameters;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const images = toImages(x, this.#shape);
      const { logScale, shift } = this.#condition(images, parameters, context);
      if (logScale === null)
        return { y: toRows(tf.add(images, shift)), logDet: sameForRows(x, tf.scalar(0)) };
      const y = tf.add<Tensor4D>(tf.mul(images, tf.exp(logScale)), shift);
      return { y: toRows(y), logDet: tf.sum(logScale, [1, 2, 3]) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[], context?: Tensor2D): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const images = toImages(y, this.#shape);
      const { logScale, shift } = this.#condition(images, parameters, context);
      const shifted = tf.sub<Tensor4D>(images, shift);
      if (logScale === null) return { x: toRows(shifted), logDet: sameForRows(y, tf.scalar(0)) };
      const opposite = tf.neg(logScale);
      return { x: toRows(tf.mul(shifted, tf.exp(opposite))), logDet: tf.sum(opposite, [1, 2, 3]) };
    });
  }

  /** None: the plan has no convolutions. */
  spec(): null {
    return null;
  }

  /** s and t at their places in the images, zero on the part that drives, on which x and y agree. */
  #condition(
    images: Tensor4D,
    parameters: readonly Tensor[],
    context: Tensor2D | undefined,
  ): { logScale: Tensor4D | null; shift: Tensor4D } {
    const driving = this.#parts.pick(images);
    const inputs =
      context === undefined || this.contextDim === 0 ? [driving] : [driving, this.#planes(context)];
    const planes = inputs.length > 1 ? tf.concat(inputs, 3) : driving;
    const output = recomputed(
      (input, ...weights) => this.#network.apply(input as Tensor4D, weights),
      [planes, ...parameters],
    );
    if (this.#isAdditive) return { logScale: null, shift: this.#parts.place(output) };
    const [raw, shift] = tf.split(output, 2, 3) as [Tensor4D, Tensor4D];
    const logScale = this.#parts.place(boundedLogScale(raw, this.#logScaleBound));
    return { logScale, shift: this.#parts.place(shift) };
  }

  /** The context [n, c] at every pixel: [n, height, width, c]. */
  #planes(context: Tensor2D): Tensor4D {
    const { height, width } = this.#shape;
    const [n, contextDim] = context.shape;
    return tf.mul(tf.reshape(context, [n, 1, 1, contextDim]), tf.ones([1, height, width, 1]));
  }
}
