import type { Random } from '../../random.js';
import { type Tensor, type Tensor1D, tf } from '../../tf.js';
import type { Likelihood, LikelihoodConfig } from './likelihood.js';
import { sumOfRows, uniformsLike } from './rows.js';

/** Below, the closed forms cancel, and the series hold to 1e-7 relative. */
const SERIES_BELOW = 0.5;

/** The least |l| that draws are made with: at 0 they would be 0 / 0, and this near to it the law is uniform. */
const LEAST_LOGIT = 1e-6;

/**
 * The density ∝ e^{l·x} on [0, 1] (Loaiza-Ganem and Cunningham 2019, in terms of the logit l = log λ/(1 − λ)):
 * log p = l·(x − ½) − log(sinh(h) / h), h = l / 2. The decoder puts out one logit for each number.
 *
 * In this form nothing is divided by 1 − 2λ, which is 0 where the law is uniform.
 */
export class ContinuousBernoulli implements Likelihood {
  readonly kind = 'continuousBernoulli';
  readonly parameters = [];
  readonly support = { low: 0, high: 1 };

  outputShape(shape: readonly number[]): number[] {
    return [...shape];
  }

  logProb(x: Tensor, logits: Tensor): Tensor1D {
    return tf.tidy(() =>
      sumOfRows(tf.sub(tf.mul(tf.sub(x, 0.5), logits), logSinhQuotient(tf.mul(logits, 0.5)))),
    );
  }

  /** ½ + ½ (coth h − 1/h). */
  mean(logits: Tensor): Tensor {
    return tf.tidy(() => tf.add(tf.mul(langevin(tf.mul(logits, 0.5)), 0.5), 0.5));
  }

  /** By the inverse of the CDF of −|l|, log(1 + u (e^−|l| − 1)) / −|l|, mirrored where l is positive. */
  sample(logits: Tensor, _parameters: readonly Tensor[], random: Random): Tensor {
    return tf.tidy(() => {
      const u = uniformsLike(logits, random);
      const decay = tf.neg(tf.maximum(tf.abs(logits), LEAST_LOGIT));
      const falling = tf.clipByValue(tf.div(tf.log1p(tf.mul(u, tf.expm1(decay))), decay), 0, 1);
      return tf.where(tf.greater(logits, 0), tf.sub(1, falling), falling);
    });
  }

  toJSON(): LikelihoodConfig {
    return { kind: this.kind };
  }
}

/** log(sinh(h) / h), whose derivative is coth h − 1/h. */
function logSinhQuotient(h: Tensor): Tensor {
  const square = tf.square(inSeries(h));
  const series = tf.mul(square, polynomial(square, [1 / 6, -1 / 180, 1 / 2835, -1 / 37800]));
  const a = beyondSeries(h);
  // |h| + log((1 − e^{−2|h|}) / 2|h|), whose exponential does not overflow.
  const closed = tf.add(a, tf.log(tf.div(tf.neg(tf.expm1(tf.mul(a, -2))), tf.mul(a, 2))));
  return tf.where(isSmall(h), series, closed);
}

/** Langevin's function coth h − 1/h. */
function langevin(h: Tensor): Tensor {
  const small = inSeries(h);
  const series = tf.mul(small, polynomial(tf.square(small), [1 / 3, -1 / 45, 2 / 945, -1 / 4725]));
  const a = beyondSeries(h);
  const closed = tf.mul(tf.sign(h), tf.sub(tf.div(1, tf.tanh(a)), tf.div(1, a)));
  return tf.where(isSmall(h), series, closed);
}

function isSmall(h: Tensor): Tensor {
  return tf.less(tf.abs(h), SERIES_BELOW);
}

/** h where the series holds, and its nearest such value elsewhere: the branch not taken stays finite, gradient included. */
function inSeries(h: Tensor): Tensor {
  return tf.clipByValue(h, -SERIES_BELOW, SERIES_BELOW);
}

/** |h| where the closed form is taken, and the least such value elsewhere. */
function beyondSeries(h: Tensor): Tensor {
  return tf.maximum(tf.abs(h), SERIES_BELOW);
}

/** Σ_k c_k x^k. */
function polynomial(x: Tensor, coefficients: readonly number[]): Tensor {
  return coefficients
    .slice(0, -1)
    .reduceRight<Tensor>(
      (sum, coefficient) => tf.add(tf.mul(sum, x), coefficient),
      tf.scalar(coefficients.at(-1) as number),
    );
}
