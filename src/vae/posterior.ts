import { scaledDraw } from '../distributions/locationScale.js';
import { StandardNormal } from '../distributions/standardNormal.js';
import { PushforwardError } from '../errors.js';
import type { Flow } from '../flows/flow.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';

/** What an encoder says of rows: q(z | x) up to the flow on top of it. */
export type Moments = {
  /** [n, latentDim]. */
  readonly mean: Tensor2D;
  /** Natural logarithms of the variances, [n, latentDim]. */
  readonly logVariance: Tensor2D;
  /** What the flow on top is conditioned on, [n, flow.contextDim]; undefined without one. */
  readonly flowContext: Tensor2D | undefined;
};

/**
 * The law q(z | x) that an encoder's outputs stand for: z₀ = mean + e^{½ logVariance} ε, ε ~ N(0, I), and, with a
 * flow on top, z = what the flow makes of z₀ in its direction from latent to data (Rezende and Mohamed 2015).
 * The flow takes as context what the encoder puts out after means and log-variances. Of the presets, `iaf`
 * is quick in this direction (Kingma et al. 2016) and so are the couplings; `maf` is not.
 */
export class Posterior {
  readonly dim: number;
  readonly flow: Flow | null;
  readonly #standard: StandardNormal;

  /** @throws PushforwardError `usage` for a flow of other dimensions, or on a base other than N(0, I). */
  constructor(dim: number, flow: Flow | null) {
    if (flow !== null && (flow.dim !== dim || !(flow.base instanceof StandardNormal))) {
      throw new PushforwardError(
        'usage',
        `a posterior of ${dim} dimensions with a flow of ${flow.dim} on ${flow.base.kind}`,
        { mend: 'give a flow of as many dimensions on its default base' },
      );
    }
    this.dim = dim;
    this.flow = flow;
    this.#standard = new StandardNormal(dim);
  }

  /** How many numbers the encoder puts out for a row. */
  get outputs(): number {
    return 2 * this.dim + (this.flow?.contextDim ?? 0);
  }

  moments(outputs: Tensor2D): Moments {
    const extra = this.flow?.contextDim ?? 0;
    const sizes = [this.dim, this.dim, ...(extra > 0 ? [extra] : [])];
    const [mean, logVariance, flowContext] = tf.split(outputs, sizes, 1) as [Tensor2D, Tensor2D, Tensor2D?];
    return { mean, logVariance, flowContext };
  }

  /** z [n, dim] from noise [n, dim] ~ N(0, I), and log q(z | x) [n] in nats; differentiable. */
  draw({ mean, logVariance, flowContext }: Moments, noise: Tensor2D): { z: Tensor2D; logProb: Tensor1D } {
    const logScale = tf.mul(logVariance, 0.5);
    const z = scaledDraw(noise, mean, logScale, 1);
    // Of the noise itself: z with its mean taken off again would be the noise with rounding errors.
    const logProb = tf.sub(this.#standard.logProb(noise), tf.sum(logScale, 1)) as Tensor1D;
    if (this.flow === null) return { z, logProb };
    const pushed = this.flow.inverse(z, flowContext);
    return { z: pushed.x, logProb: tf.sub(logProb, pushed.logDet) };
  }

  /** The code of each row: its mean, pushed through the flow where there is one. */
  centre({ mean, flowContext }: Moments): Tensor2D {
    return this.flow === null ? tf.clone(mean) : this.flow.inverse(mean, flowContext).x;
  }
}

/** KL(N(mean, e^logVariance) ‖ N(0, 1)) of each dimension, ½ (mean² + e^logVariance − 1 − logVariance), in nats. */
export function standardNormalDivergence({ mean, logVariance }: Moments): Tensor2D {
  return tf.tidy(() => {
    // e^v − 1 by expm1: at v near 0, where it has to cancel v, it keeps its digits.
    const spread: Tensor = tf.sub(tf.expm1(logVariance), logVariance);
    return tf.mul(tf.add(tf.square(mean), spread), 0.5) as Tensor2D;
  });
}

/** Each row of [n, ...] `times` over, one copy after the other: [n·times, ...]. */
export function repeatRows<T extends Tensor>(rows: T, times: number): T {
  if (times === 1) return tf.clone(rows);
  const [n = 0, ...shape] = rows.shape;
  return tf.tidy(() => {
    const copies = tf.tile(tf.reshape(rows, [n, 1, tf.util.sizeFromShape(shape)]), [1, times, 1]);
    return tf.reshape(copies, [n * times, ...shape]) as T;
  });
}

/** The same for what an encoder says. */
export function repeatMoments({ mean, logVariance, flowContext }: Moments, times: number): Moments {
  return {
    mean: repeatRows(mean, times),
    logVariance: repeatRows(logVariance, times),
    flowContext: flowContext === undefined ? undefined : repeatRows(flowContext, times),
  };
}
