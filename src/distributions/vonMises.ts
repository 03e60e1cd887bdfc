import { checkDraw } from '../draw.js';
import { PushforwardError } from '../errors.js';
import { zeros } from '../nn/mlp.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import type { BaseDistribution, BaseDrawOptions } from './base.js';
import { logScaledBesselI0 } from './besselI0.js';

const TURN = 2 * Math.PI;

/**
 * Independent angles with density e^{κ cos(θ − mean)} / (2π I₀(κ)) on the circle; log p has period 2π, and
 * draws lie in [−π, π). It starts with κ = 1 about 0. Parameters mean [d], logConcentration [d] = log κ.
 *
 * Draws are by rejection (Best and Fisher 1979), so they are no map of a fixed number of normals:
 * `fromNormal` is refused, and a draw has no gradient. The temperature T divides κ by T², which is T
 * times the standard deviation where κ is large; T = 0 gives the mean.
 */
export class VonMises implements BaseDistribution {
  readonly kind = 'vonMises';
  readonly contextDim = 0;
  readonly noiseDim = null;
  readonly dim: number;
  readonly parameters: readonly ParameterDefinition[];

  constructor(dim: number) {
    this.dim = dim;
    this.parameters = [
      { name: 'mean', shape: [dim], initialise: zeros },
      { name: 'logConcentration', shape: [dim], initialise: zeros },
    ];
  }

  logProb(z: Tensor2D, parameters: readonly Tensor[]): Tensor1D {
    const [mean, logConcentration] = parameters as [Tensor1D, Tensor1D];
    return tf.tidy(() => {
      const kappa = tf.exp(logConcentration);
      // κ (cos δ − 1) = −2κ sin²(δ / 2) does not cancel where κ is large and δ small.
      const sine = tf.sin(tf.mul(tf.sub(z, mean), 0.5));
      const exponents = tf.mul(tf.square(sine), tf.mul(kappa, -2));
      const constants = tf.add(logScaledBesselI0(kappa), Math.log(TURN));
      return tf.sum(tf.sub(exponents, constants), 1);
    });
  }

  sample(n: number, { parameters, stream = streamOf('sample'), ...options }: BaseDrawOptions): Tensor2D {
    const { seed, temperature } = checkDraw(n, options);
    const [mean, logConcentration] = parameters as [Tensor1D, Tensor1D];
    const means = mean.dataSync();
    const deviates = Array.from(logConcentration.dataSync(), (value) =>
      vonMisesDeviate(Math.exp(value) / temperature ** 2),
    );
    const random = new Random(seed, stream);
    const angles = new Float32Array(n * this.dim);
    for (let i = 0; i < angles.length; i++) {
      const column = i % this.dim;
      angles[i] = wrap((means[column] as number) + (deviates[column] as (random: Random) => number)(random));
    }
    return tf.tensor2d(angles, [n, this.dim]);
  }

  fromNormal(): never {
    throw new PushforwardError('unsupported', 'the von Mises law is no map of standard normals', {
      mend: 'draw with `sample`, or take angles from a uniform base through circular splines',
    });
  }
}

/** A generator of deviations from the mean, in [−π, π], at this concentration. */
function vonMisesDeviate(kappa: number): (random: Random) => number {
  const uniforms = new Float32Array(3);
  // Below, the density is flat to 1e-6; above, the deviation, 1/√κ, is nothing in float32.
  if (kappa < 1e-6) return (random) => TURN * ((random.uniform(uniforms)[0] as number) - 0.5);
  if (kappa > 1e14) return () => 0;
  const tau = 1 + Math.sqrt(1 + 4 * kappa * kappa);
  const rho = (tau - Math.sqrt(2 * tau)) / (2 * kappa);
  const r = (1 + rho * rho) / (2 * rho);
  return (random) => {
    for (;;) {
      random.uniform(uniforms);
      const cosine = Math.cos(Math.PI * (uniforms[0] as number));
      const f = Math.min((1 + r * cosine) / (r + cosine), 1);
      const c = kappa * (r - f);
      const u = uniforms[1] as number;
      if (c * (2 - c) > u || Math.log(c / u) + 1 - c >= 0) {
        return (uniforms[2] as number) < 0.5 ? -Math.acos(f) : Math.acos(f);
      }
    }
  };
}

/** The angle in [−π, π) that is the same up to whole turns. */
function wrap(angle: number): number {
  return angle - TURN * Math.floor((angle + Math.PI) / TURN);
}
