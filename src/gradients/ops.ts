import { tf } from '../tfjs.js';

/**
 * Ops that carry a gradient of their own, where that is wrong or throws: inside of a gradient they are
 * composed of others. Everywhere else, and for what they refuse, they are tfjs' own.
 */
export function composeOps(): void {
  composeSoftmaxCrossEntropy();
  composeFusedConvolution();
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

/** Its gradient refuses dilations, which that of the convolution itself takes. */
function composeFusedConvolution(): void {
  // Bundlers may make this a namespace that nobody can write to; the gradient then still throws.
  if (Object.getOwnPropertyDescriptor(tf.fused, 'conv2d')?.writable !== true) return;
  const { conv2d } = tf.fused;
  tf.fused.conv2d = (options) => {
    const { dilations = 1, activation = 'linear' } = options;
    // With another activation tfjs composes it itself.
    const isWhole = activation !== 'linear' || tf.backend_util.tupleValuesAreOne(dilations);
    if (isWhole || !tf.engine().isTapeOn()) return conv2d(options);
    const { x, filter, strides, pad, dataFormat, dimRoundingMode, bias } = options;
    return tf.tidy(() => {
      const y = tf.conv2d(x, filter, strides, pad, dataFormat, dilations, dimRoundingMode);
      return bias === undefined || bias === null ? y : tf.add(y, bias);
    });
  };
}
