import type { Random } from '../../random.js';
import { type Tensor, type Tensor1D, tf } from '../../tf.js';
import type { Likelihood, LikelihoodConfig } from './likelihood.js';
import { sumOfRows, uniformsLike } from './rows.js';

/**
 * Numbers 0 or 1 with logits l: log p = x·l − log(1 + e^l). The decoder puts out one logit for each
 * number. Numbers between 0 and 1, grey levels say, are taken too, and give the cross-entropy that is
 * customary for them, which is no log-density: `ContinuousBernoulli` is the law of those.
 */
export class Bernoulli implements Likelihood {
  readonly kind = 'bernoulli';
  readonly parameters = [];
  readonly support = { low: 0, high: 1 };

  outputShape(shape: readonly number[]): number[] {
    return [...shape];
  }

  logProb(x: Tensor, logits: Tensor): Tensor1D {
    return tf.tidy(() => sumOfRows(tf.sub(tf.mul(x, logits), tf.softplus(logits))));
  }

  mean(logits: Tensor): Tensor {
    return tf.sigmoid(logits);
  }

  sample(logits: Tensor, _parameters: readonly Tensor[], random: Random): Tensor {
    return tf.tidy(() => tf.step(tf.sub(tf.sigmoid(logits), uniformsLike(logits, random))));
  }

  toJSON(): LikelihoodConfig {
    return { kind: this.kind };
  }
}
