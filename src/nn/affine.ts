import { layers, type Tensor, tf } from '../tf.js';

/** A layer that makes factor · x + offset of each number. */
export class Affine extends layers.layers.Layer {
  static className = 'Affine';
  readonly #factor: number;
  readonly #offset: number;

  constructor({
    factor,
    offset = 0,
    ...config
  }: { factor: number; offset?: number } & Record<string, unknown>) {
    super(config);
    this.#factor = factor;
    this.#offset = offset;
  }

  override computeOutputShape(inputShape: layers.Shape): layers.Shape {
    return inputShape;
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = Array.isArray(inputs) ? (inputs[0] as Tensor) : inputs;
    return tf.tidy(() => {
      const scaled = tf.mul(x, this.#factor);
      return this.#offset === 0 ? scaled : tf.add(scaled, this.#offset);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), factor: this.#factor, offset: this.#offset };
  }
}

tf.serialization.registerClass(Affine);
