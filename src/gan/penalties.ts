import { type Tensor, tf } from '../tf.js';

type Scalar = tf.Scalar;

/** What a critic says of packs [n, ...]: [n, 1]. */
export type CriticFunction = (packs: Tensor) => Tensor;

/** |∇D|² of each pack, [n]; differentiable w.r.t. the critic's weights, being made of the tape's own gradient. */
function squaredSlopes(critic: CriticFunction, packs: Tensor): Tensor {
  const gradient = tf.grad((x: Tensor) => tf.sum(critic(x)))(packs);
  const n = packs.shape[0] as number;
  return tf.sum(tf.square(tf.reshape(gradient, [n, -1])), 1);
}

/**
 * E (|∇D(x̂)| − 1)² at points x̂ = share·real + (1 − share)·fake between pairs of packs (Gulrajani et al. 2017,
 * equation 3), unweighted. `share` is [n], uniform in [0, 1].
 */
export function gradientPenalty(critic: CriticFunction, real: Tensor, fake: Tensor, share: Tensor): Scalar {
  return tf.tidy(() => {
    const weight = tf.reshape(share, [-1, ...real.shape.slice(1).map(() => 1)]);
    const between = tf.add(tf.mul(weight, real), tf.mul(tf.sub(1, weight), fake));
    // The root's slope at 0 is infinite; 1e-12 under it moves a norm of 1 by half of that.
    const norms = tf.sqrt(tf.add(squaredSlopes(critic, between), 1e-12));
    return tf.mean(tf.square(tf.sub(norms, 1)));
  });
}

/** ½ E |∇D(x)|² at real packs: R1 of Mescheder, Geiger and Nowozin 2018, equation 9, unweighted. */
export function r1Penalty(critic: CriticFunction, real: Tensor): Scalar {
  return tf.tidy(() => tf.mul(0.5, tf.mean<Scalar>(squaredSlopes(critic, real))));
}
