import { layers, type Tensor, tf } from '../tf.js';

/**
 * A layer of `units` that each put out the greatest of `pieces` linear functions of the input (Goodfellow et al.
 * 2013), behind a dense layer of pieces·units: [n, pieces·units] to [n, units]. The units of a piece lie beside
 * each other, so that the greatest is taken, and its gradient spread, by whole vectors.
 */
export class Maxout extends layers.layers.Layer {
  static className = 'Maxout';
  readonly #pieces: number;

  constructor({ pieces, ...config }: { pieces: number } & Record<string, unknown>) {
    super(config);
    this.#pieces = pieces;
  }

  override computeOutputShape(inputShape: layers.Shape): layers.Shape {
    return [inputShape[0] ?? null, (inputShape[1] as number) / this.#pieces];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = Array.isArray(inputs) ? (inputs[0] as Tensor) : inputs;
    return tf.tidy(() => tf.max(tf.reshape(x, [x.shape[0] as number, this.#pieces, -1]), 1));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), pieces: this.#pieces };
  }
}

tf.serialization.registerClass(Maxout);
