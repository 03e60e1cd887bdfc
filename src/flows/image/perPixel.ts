import { PushforwardError } from '../../errors.js';
import { checkImageShape, type ImageShape, imageSize } from '../../imageShape.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../tf.js';
import type { Bijection, ParameterDefinition } from '../bijection.js';

/**
 * One map of R^channels at every pixel; its log-determinants add up over the pixels. With `ActNorm` it
 * is Glow's, one bias and scale for each channel (Kingma and Dhariwal 2018, section 3.1), which a batch
 * initialises by the channels' moments over rows and pixels; with `LuLinear` it is the invertible
 * 1 x 1 convolution (section 3.2), whose log-determinant is height · width · Σ log|diagonal of U|.
 */
export class PerPixel implements Bijection {
  readonly kind: string;
  readonly dim: number;
  readonly contextDim = 0;
  readonly parameters: readonly ParameterDefinition[];
  readonly #pixels: number;
  readonly #bijection: Bijection;

  /** @throws PushforwardError `usage` for a map that takes a context or has not as many dimensions as channels. */
  constructor(shape: ImageShape, bijection: Bijection) {
    checkImageShape(shape);
    if (bijection.contextDim > 0 || bijection.dim !== shape.channels) {
      const what =
        bijection.contextDim > 0
          ? 'it takes a context, which pixels have none of'
          : `it maps ${bijection.dim} dimensions at pixels of ${shape.channels} channels`;
      throw new PushforwardError('usage', what, { where: `perPixel(${bijection.kind})` });
    }
    this.kind = `perPixel(${bijection.kind})`;
    this.dim = imageSize(shape);
    this.parameters = bijection.parameters;
    this.#pixels = shape.height * shape.width;
    this.#bijection = bijection;
  }

  forward(x: Tensor2D, parameters: readonly Tensor[]): { y: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { y, logDet } = this.#bijection.forward(this.#toPixels(x), parameters);
      return { y: tf.reshape(y, x.shape), logDet: this.#sumOverPixels(logDet) };
    });
  }

  inverse(y: Tensor2D, parameters: readonly Tensor[]): { x: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const { x, logDet } = this.#bijection.inverse(this.#toPixels(y), parameters);
      return { x: tf.reshape(x, y.shape), logDet: this.#sumOverPixels(logDet) };
    });
  }

  /** None: the plan's stages hold parameters for each column. */
  spec(): null {
    return null;
  }

  initialiseFrom(x: Tensor2D): readonly Float32Array[] {
    return this.#bijection.initialiseFrom?.(this.#toPixels(x)) ?? [];
  }

  /** Rows [n, pixels · channels] as [n · pixels, channels]. */
  #toPixels(x: Tensor2D): Tensor2D {
    return tf.reshape(x, [x.shape[0] * this.#pixels, this.dim / this.#pixels]);
  }

  #sumOverPixels(logDet: Tensor1D): Tensor1D {
    return tf.sum(tf.reshape(logDet, [logDet.shape[0] / this.#pixels, this.#pixels]), 1);
  }
}
