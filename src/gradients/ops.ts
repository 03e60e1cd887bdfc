import { tf } from '../tfjs.js';

/**
 * Ops that carry a gradient of their own, where that is wrong or throws: inside of a gradient they are
 * composed of others. Everywhere else, and for what they refuse, they are tfjs' own.
 */
export function composeOps(): void {
  composeSoftmaxCrossEntropy();
  composeFused();
}

/**
 * Its gradient is in terms of an intermediate result, which to tfjs is a constant, and so is wrong to
 * second order; and it takes the labels of a row to sum to 1 whatever they do, and has that of the labels
 * wrong even to first order.
 */
function composeSoftmaxCrossEntropy(): void {
  const op = tf.losses.softmaxCrossEntropy;
  const composed = (...args: Parameters<typeof op>): tf.Tensor => {
    const [labels, logits, weights, labelSmoothing = 0, reduction] = args;
    const isRight =
      labels instanceof tf.Tensor &&
      logits instanceof tf.Tensor &&
      tf.util.arraysEqual(labels.shape, logits.shape);
    if (!isRight || !tf.engine().isTapeOn()) return op(...args);
    return tf.tidy(() => {
      const smoothed =
        labelSmoothing > 0
          ? tf.add(tf.mul(labels, 1 - labelSmoothing), labelSmoothing / (labels.shape[1] as number))
          : labels;
      const losses = tf.neg(tf.sum(tf.mul(smoothed, tf.logSoftmax(logits)), -1));
      return tf.losses.computeWeightedLoss(losses, weights, reduction);
    });
  };
  tf.losses.softmaxCrossEntropy = composed as typeof op;
}

type Fused = typeof tf.fused;
type Convolved = Parameters<Fused['conv2d']>[0];

const convolution =
  (op: typeof tf.conv2d) =>
  (given: Convolved): tf.Tensor => {
    const { x, filter, strides, pad, dataFormat, dilations, dimRoundingMode } = given;
    return op(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
  };

/** What tfjs computes together with a bias, without one. */
const PRODUCTS = {
  matMul: ({ a, b, transposeA, transposeB }: Parameters<Fused['matMul']>[0]) =>
    tf.matMul(a, b, transposeA, transposeB),
  conv2d: convolution(tf.conv2d),
  depthwiseConv2d: convolution(tf.depthwiseConv2d),
};

/**
 * Their gradient computes those of all inputs at once, needed or not: of the data that a network is given,
 * and of the weights of a critic while its generator is trained. That of a convolution also refuses
 * dilations, which the convolution's own takes.
 */
function composeFused(): void {
  compose('matMul');
  compose('conv2d');
  compose('depthwiseConv2d');
}

function compose<K extends keyof typeof PRODUCTS>(name: K): void {
  // Bundlers may make this a namespace that nobody can write to; tfjs' own then stay.
  if (Object.getOwnPropertyDescriptor(tf.fused, name)?.writable !== true) return;
  type Options = Parameters<Fused[K]>[0];
  const op = tf.fused[name] as (options: Options) => tf.Tensor;
  const product = PRODUCTS[name] as (options: Options) => tf.Tensor;
  const composed = (options: Options): tf.Tensor => {
    // With another activation tfjs composes it itself.
    if ((options.activation ?? 'linear') !== 'linear' || !tf.engine().isTapeOn()) return op(options);
    const { bias } = options;
    return tf.tidy(() => {
      const result = product(options);
      return bias === undefined || bias === null ? result : tf.add(result, bias);
    });
  };
  (tf.fused as Record<K, unknown>)[name] = composed;
}
