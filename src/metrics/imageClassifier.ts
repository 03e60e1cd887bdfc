import { checkWhole } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { checkImageShape, type ImageShape, imageSize } from '../imageShape.js';
import { inBlocks } from '../nn/blocks.js';
import { LayersNetwork } from '../nn/layersNetwork.js';
import { seedWeights } from '../nn/seedWeights.js';
import { apply, squares, ZEROS } from '../nn/symbolic.js';
import { streamOf } from '../random.js';
import { layers, type Tensor, type Tensor2D, tf, type Variable } from '../tf.js';

export interface ImageClassifierOptions {
  /** Of the images, whose pixels are in [0, 1]. */
  readonly shape: ImageShape;
  readonly classes: number;
  /** Of the first weights. Default 0. */
  readonly seed?: number;
}

/** What a classifier makes of n images. */
export type ClassifiedImages = {
  /** log p(class | image), [n, classes], in nats. */
  readonly logProbabilities: Tensor2D;
  /** The last hidden layer after its ReLU, [n, `IMAGE_FEATURES`]. */
  readonly features: Tensor2D;
};

/** How a classifier sees generated images. */
export interface Recognition {
  /** Mean over the images of the probability of their likeliest class. */
  readonly confidence: number;
  /** Share of the images whose likeliest class it is, for each class. */
  readonly shares: readonly number[];
}

/** Numbers that the classifier's last hidden layer has for an image. */
export const IMAGE_FEATURES = 64;

const FILTERS = [16, 32];
/** Images that go through the network together: tens of megabytes of activations. */
const BLOCK = 500;

/**
 * A small convolutional classifier of images, to judge generated images by: two convolutions of 5 × 5 that halve the
 * image and a dense layer of 64 features, each with ReLU, then a dense layer of logits. Distances on its features are
 * of pushforward's own network and nobody else's: they rank models of the same images by the same classifier, and
 * are not comparable with an Inception network's FID or KID.
 */
export class ImageClassifier {
  readonly shape: ImageShape;
  readonly classes: number;
  readonly #network: LayersNetwork;

  /** @throws PushforwardError `usage` for a shape or a number of classes that is none. */
  constructor({ shape, classes, seed = 0 }: ImageClassifierOptions) {
    checkImageShape(shape);
    checkWhole('classes', classes);
    this.shape = shape;
    this.classes = classes;
    const image = layers.input({ shape: [shape.height, shape.width, shape.channels] });
    let h: layers.SymbolicTensor = image;
    for (const filters of FILTERS) {
      h = apply(layers.layers.conv2d({ ...squares(filters, 5), strides: 2, activation: 'relu' }), h);
    }
    h = apply(layers.layers.flatten(), h);
    const features = apply(layers.layers.dense({ units: IMAGE_FEATURES, activation: 'relu', ...ZEROS }), h);
    const logits = apply(layers.layers.dense({ units: classes, ...ZEROS }), features);
    const model = layers.model({ inputs: image, outputs: [logits, features] });
    seedWeights(model, seed, streamOf('classifier'));
    this.#network = new LayersNetwork(model);
  }

  get variables(): Variable[] {
    return this.#network.variables;
  }

  /**
   * [n, height, width, channels], or rows of as many numbers, in one go. Differentiable.
   * @throws PushforwardError `shape` for others.
   */
  apply(x: Tensor): ClassifiedImages {
    const { height, width, channels } = this.shape;
    const n = x.shape[0] as number;
    if (x.size !== n * imageSize(this.shape)) {
      throw new PushforwardError('shape', `images are [${x.shape}]`, {
        mend: `give float32 [images, ${height}, ${width}, ${channels}]`,
      });
    }
    return tf.tidy(() => {
      const outputs = this.#network.apply(tf.reshape(x, [n, height, width, channels]));
      const [logits, features] = tf.split(outputs, [this.classes, IMAGE_FEATURES], 1) as [Tensor2D, Tensor2D];
      return { logProbabilities: tf.logSoftmax(logits), features };
    });
  }

  /** p(class | image) of images as `apply` takes them, however many: [n, classes]. */
  probabilities(x: Tensor): Tensor2D {
    return this.#inBlocks(x, this.classes, ({ logProbabilities }) => tf.exp(logProbabilities));
  }

  /** The features of images as `apply` takes them, however many: [n, `IMAGE_FEATURES`]. */
  features(x: Tensor): Tensor2D {
    return this.#inBlocks(x, IMAGE_FEATURES, ({ features }) => features);
  }

  /** The likeliest class of each image, [n]. */
  labels(x: Tensor): Int32Array {
    return tf.tidy(() => Int32Array.from(tf.argMax(this.probabilities(x), 1).dataSync()));
  }

  /** How sure it is of images, and of which classes it takes them for. */
  recognise(x: Tensor): Recognition {
    return tf.tidy(() => {
      const probabilities = this.probabilities(x);
      const confidence = tf.mean(tf.max(probabilities, 1)).dataSync()[0] as number;
      const likeliest = tf.oneHot(tf.argMax(probabilities, 1) as tf.Tensor1D, this.classes);
      return { confidence, shares: Array.from(tf.mean(tf.cast(likeliest, 'float32'), 0).dataSync()) };
    });
  }

  dispose(): void {
    this.#network.dispose();
  }

  #inBlocks(x: Tensor, width: number, part: (classified: ClassifiedImages) => Tensor2D): Tensor2D {
    const rest = Array<number>(x.rank - 1).fill(0);
    return inBlocks(x.shape[0] as number, BLOCK, [width], (first, count) => {
      const own = tf.slice(x, [first, ...rest], [count, ...rest.map(() => -1)]);
      return part(this.apply(own));
    }) as Tensor2D;
  }
}
