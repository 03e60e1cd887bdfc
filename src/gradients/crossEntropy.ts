import { tf } from '../tfjs.js';

/**
 * tf.losses.softmaxCrossEntropy inside of a gradient is composed of other ops; everywhere else, and for
 * what it refuses, it is tfjs' own. The gradient it carries there is in terms of an intermediate result,
 * which to tfjs is a constant, and so is wrong to second order; it takes the labels of a row to sum to 1
 * whatever they do, and has that of the labels wrong even to first order.
 */
export function composeSoftmaxCrossEntropy(): void {
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
