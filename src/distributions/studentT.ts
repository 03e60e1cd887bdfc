import { PushforwardError } from '../errors.js';
import type { ParameterDefinition } from '../ops/flatParameters.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { type BaseDistribution, type BaseDrawOptions, sampleFromNormal } from './base.js';
import { logGammaHalfStep } from './gammaRatio.js';
import { locationAndLogScale, scaledDraw, scaledLogProb } from './locationScale.js';

export interface StudentTOptions {
  readonly dim: number;
  /** One for all dimensions or one for each, above 0. Default 5. Where they are trained, where they start. */
  readonly degreesOfFreedom?: number | readonly number[];
  /** Whether the degrees of freedom are parameters. Default true. */
  readonly trainDegreesOfFreedom?: boolean;
}

/**
 * Independent Student-t columns, location + e^logScale · t_ν, for data with heavy tails, which a
 * Lipschitz map of normals cannot make (Jaini, Kobyzev, Yu and Brubaker 2020). Parameters location
 * [d], logScale [d] and, where trained, logDegreesOfFreedom [d]. Its centre is the location.
 *
 * A draw is a map of 2·d standard normals, by Bailey's polar method (1994): t = a √(ν (e^{r²/ν} − 1)) / r,
 * r² = a² + b², which goes to a as ν grows.
 */
export class StudentT implements BaseDistribution {
  readonly kind = 'studentT';
  readonly contextDim = 0;
  readonly dim: number;
  readonly noiseDim: number;
  readonly parameters: readonly ParameterDefinition[];
  readonly #degrees: Float32Array;

  /** @throws PushforwardError `usage` for degrees of freedom that are not above 0 or not one for each dimension. */
  constructor({ dim, degreesOfFreedom = 5, trainDegreesOfFreedom = true }: StudentTOptions) {
    const degrees =
      typeof degreesOfFreedom === 'number' ? new Array<number>(dim).fill(degreesOfFreedom) : degreesOfFreedom;
    if (degrees.length !== dim || !degrees.every((value) => value > 0 && Number.isFinite(value))) {
      throw new PushforwardError('usage', `degrees of freedom [${degrees}] for ${dim} dimensions`, {
        mend: 'give one positive number, or one for each dimension',
      });
    }
    this.dim = dim;
    this.noiseDim = 2 * dim;
    this.#degrees = Float32Array.from(degrees);
    const logs = this.#degrees.map(Math.log);
    this.parameters = [
      ...locationAndLogScale('location', dim),
      ...(trainDegreesOfFreedom
        ? [{ name: 'logDegreesOfFreedom', shape: [dim], initialise: (out: Float32Array) => out.set(logs) }]
        : []),
    ];
  }

  logProb(z: Tensor2D, parameters: readonly Tensor[]): Tensor1D {
    const [location, logScale] = parameters as [Tensor1D, Tensor1D];
    return tf.tidy(() => {
      const degrees = this.#degreesOf(parameters);
      const constants = tf.sub(logGammaHalfStep(tf.mul(degrees, 0.5)), 0.5 * Math.log(2 * Math.PI));
      const power = tf.mul(tf.add(degrees, 1), 0.5);
      return scaledLogProb(z, location, logScale, (u) => {
        const tails = tf.mul(tf.log1p(tf.div(tf.square(u), degrees)), power);
        return tf.sum(tf.sub(constants, tails), 1);
      });
    });
  }

  sample(n: number, options: BaseDrawOptions): Tensor2D {
    return sampleFromNormal(this, n, options);
  }

  fromNormal(noise: Tensor2D, parameters: readonly Tensor[], _context?: Tensor2D, temperature = 1): Tensor2D {
    const [location, logScale] = parameters as [Tensor1D, Tensor1D];
    return tf.tidy(() => {
      const [a, b] = tf.split(noise, 2, 1) as [Tensor2D, Tensor2D];
      const squares = tf.add(tf.square(a), tf.square(b));
      // Away from 0, where the quotient below, which goes to 1, would be 0 / 0.
      const x = tf.maximum(tf.div(squares, this.#degreesOf(parameters)), 1e-30);
      // √((e^x − 1) / x) as e^{x/2} √((1 − e^−x) / x), which is finite for twice as large an x.
      const shrunk = tf.sqrt(tf.div(tf.neg(tf.expm1(tf.neg(x))), x));
      const t: Tensor2D = tf.mul(a, tf.mul(tf.exp(tf.mul(x, 0.5)), shrunk));
      return scaledDraw(t, location, logScale, temperature);
    });
  }

  #degreesOf(parameters: readonly Tensor[]): Tensor {
    const trained = parameters[2];
    return trained === undefined ? tf.tensor1d(this.#degrees) : tf.exp(trained);
  }
}
