import { type Tensor, tf } from '../tfjs.js';
import { nestedGradients } from './nested.js';
import { run, setGradient } from './register.js';

/**
 * The kernel that a backend may have: labels and logits [..., classes] to the cross-entropy of each row,
 * [...], all of them float32.
 */
export const CROSS_ENTROPY = 'PushforwardCrossEntropy';

/** The one that then goes with it: labels, logits and dy [...] to the gradient of the logits. */
export const CROSS_ENTROPY_GRADIENT = 'PushforwardCrossEntropyGradient';

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
      const losses = hasKernel(logits) ? oneKernel(smoothed, logits) : manyKernels(smoothed, logits);
      return tf.losses.computeWeightedLoss(losses, weights, reduction);
    });
  };
  tf.losses.softmaxCrossEntropy = composed as typeof op;
}

/** As many operations as it is in words, forwards and backwards, cost more than the numbers of ten classes. */
export function registerCrossEntropyGradient(): void {
  setGradient(CROSS_ENTROPY, ['labels', 'logits'], (dy, saved) => {
    const [labels, logits] = saved as [Tensor, Tensor];
    const composed = () => nestedGradients(manyKernels, [labels, logits], dy) as [Tensor, Tensor];
    return {
      labels: () => composed()[0],
      logits: () =>
        // A gradient that is differentiated itself is made of tfjs' own operations.
        tf.engine().isTapeOn() ? composed()[1] : run(CROSS_ENTROPY_GRADIENT, { labels, logits, dy }),
    };
  });
}

function hasKernel(logits: Tensor): boolean {
  const isFit = logits.dtype === 'float32' && logits.rank > 0 && logits.size > 0;
  return isFit && tf.getKernel(CROSS_ENTROPY, tf.getBackend()) !== undefined;
}

function oneKernel(labels: Tensor, logits: Tensor): Tensor {
  return run(CROSS_ENTROPY, { labels: tf.cast(labels, 'float32'), logits });
}

function manyKernels(labels: Tensor, logits: Tensor): Tensor {
  return tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), -1));
}
