import { type Tensor, tf } from '../tf.js';

type Scalar = tf.Scalar;

/** What critic and generator minimise, as functions of what the critic says of packs: logits [n, 1], or values. */
export interface AdversarialLoss {
  /** Of real and of generated packs. */
  critic(real: Tensor, fake: Tensor): Scalar;
  /** Of generated packs. */
  generator(fake: Tensor): Scalar;
  /** What D(x) stands for in reports: the probability that a pack is real, or the critic's own value. */
  readonly score: (output: Tensor) => Tensor;
}

/** The negative log-likelihood of a classifier of real against generated, in nats for a pack of each. */
function classification(real: Tensor, fake: Tensor): Scalar {
  return tf.add(tf.mean(tf.softplus(tf.neg(real))), tf.mean(tf.softplus(fake)));
}

const own = (output: Tensor): Tensor => tf.clone(output);

/** The losses by name. */
export const adversarialLosses = {
  /**
   * The game of Goodfellow et al. 2014, equation 1, as it stands: the generator minimises E log(1 − D(g(z))), whose
   * slope goes to 0 where the critic is sure.
   */
  minimax: {
    critic: classification,
    generator: (fake) => tf.neg(tf.mean<Scalar>(tf.softplus(fake))),
    score: tf.sigmoid,
  },
  /** The generator maximises E log D(g(z)) instead (ibid., section 3). */
  nonSaturating: {
    critic: classification,
    generator: (fake) => tf.mean(tf.softplus(tf.neg(fake))),
    score: tf.sigmoid,
  },
  /** Mao et al. 2017, equation 9: targets 1 for real, 0 for generated, 1 for the generator. */
  leastSquares: {
    critic: (real, fake) =>
      tf.mul(0.5, tf.add(tf.mean<Scalar>(tf.square(tf.sub(real, 1))), tf.mean<Scalar>(tf.square(fake)))),
    generator: (fake) => tf.mul(0.5, tf.mean<Scalar>(tf.square(tf.sub(fake, 1)))),
    score: own,
  },
  /** Lim and Ye 2017; Miyato et al. 2018, equations 16 and 17. */
  hinge: {
    critic: (real, fake) => tf.add(tf.mean(tf.relu(tf.sub(1, real))), tf.mean(tf.relu(tf.add(1, fake)))),
    generator: (fake) => tf.neg(tf.mean<Scalar>(fake)),
    score: own,
  },
  /**
   * Arjovsky, Chintala and Bottou 2017, equation 3: minus the dual of the 1-Wasserstein distance, as far as the
   * critic is 1-Lipschitz, which clipped weights or a gradient penalty have to see to.
   */
  wasserstein: {
    critic: (real, fake) => tf.sub(tf.mean<Scalar>(fake), tf.mean<Scalar>(real)),
    generator: (fake) => tf.neg(tf.mean<Scalar>(fake)),
    score: own,
  },
} as const satisfies Record<string, AdversarialLoss>;

export type AdversarialLossName = keyof typeof adversarialLosses;
