import type { Tensor, Tensor1D, Tensor2D } from '../tf.js';
import { type BaseDistribution, type BaseDrawOptions, sampleFromNormal } from './base.js';
import { locationAndLogScale, scaledDraw, scaledLogProb } from './locationScale.js';
import { StandardNormal } from './standardNormal.js';

/**
 * N(mean, diag(e^{2·logScale})) with both trained; it starts as N(0, I). Parameters mean [d],
 * logScale [d]. Its centre, about which a temperature shrinks draws, is the mean.
 */
export class DiagonalGaussian implements BaseDistribution {
  readonly kind = 'diagonalGaussian';
  readonly contextDim = 0;
  readonly dim: number;
  readonly noiseDim: number;
  readonly parameters;
  readonly #standard: StandardNormal;

  constructor(dim: number) {
    this.dim = dim;
    this.noiseDim = dim;
    this.parameters = locationAndLogScale('mean', dim);
    this.#standard = new StandardNormal(dim);
  }

  logProb(z: Tensor2D, parameters: readonly Tensor[]): Tensor1D {
    const [mean, logScale] = parameters as [Tensor1D, Tensor1D];
    return scaledLogProb(z, mean, logScale, (u) => this.#standard.logProb(u));
  }

  sample(n: number, options: BaseDrawOptions): Tensor2D {
    return sampleFromNormal(this, n, options);
  }

  fromNormal(noise: Tensor2D, parameters: readonly Tensor[], _context?: Tensor2D, temperature = 1): Tensor2D {
    const [mean, logScale] = parameters as [Tensor1D, Tensor1D];
    return scaledDraw(noise, mean, logScale, temperature);
  }
}
