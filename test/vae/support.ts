import { GaussianLikelihood } from '../../src/distributions/likelihoods/gaussian.js';
import type { Likelihood } from '../../src/distributions/likelihoods/likelihood.js';
import { VariableStore } from '../../src/ops/variableStore.js';
import { layers, type Tensor2D, tf } from '../../src/tf.js';
import { mlpNetworks } from '../../src/vae/mlpNetworks.js';
import { Vae, type VaeOptions } from '../../src/vae/vae.js';
import { logAbsDeterminant, normals } from '../flows/laws.js';

/** A small perceptron VAE with weights that say something. */
export function smallVae(
  likelihood: Likelihood,
  options: Partial<VaeOptions> & { hidden?: readonly number[]; scale?: number } = {},
): Vae {
  const { shape = [3], latentDim = 2, contextDim = 0, hidden = [5], scale = 0.5, ...rest } = options;
  const networks = mlpNetworks(
    {
      shape,
      latentDim,
      contextDim,
      encoderOutputs: 2 * latentDim + (rest.posteriorFlow?.contextDim ?? 0),
      decoderOutputs: likelihood.outputShape(shape),
      seed: 1,
    },
    { hidden, activation: 'tanh' },
  );
  const vae = new Vae({ ...networks, shape, latentDim, contextDim, likelihood, ...rest });
  scramble(vae, scale);
  return vae;
}

/** Gives all trained variables normal values. */
export function scramble(vae: Vae, scale: number, stream = 71): void {
  const store = new VariableStore(vae.variables);
  store.assign(normals(store.count, stream, scale));
}

export interface LinearGaussian {
  readonly vae: Vae;
  /** log N(x; b, W Wᵀ + σ² I) of each row, in double precision. */
  exact(x: Tensor2D): Float64Array;
}

/**
 * Probabilistic principal components (Tipping and Bishop 1999) as a VAE: x = W z + b + σ ε. With orthogonal
 * columns of W the posterior is a product over dimensions, and the encoder has it exactly, but that `spoil` adds
 * to what it says.
 */
export function linearGaussian(spoil = 0, rest: Partial<VaeOptions> = {}): LinearGaussian {
  const [d, dim, sigma] = [2, 4, 0.6];
  const w = [
    [0.9, 0.3],
    [-0.6, 0.6],
    [0.5, 0.9],
    [0.45, -0.8],
  ];
  // Gram and Schmidt, so that the second column is orthogonal to the first.
  const first = w.map((row) => row[0] as number);
  const share =
    w.reduce((sum, row) => sum + (row[0] as number) * (row[1] as number), 0) /
    first.reduce((sum, value) => sum + value ** 2, 0);
  for (const row of w) row[1] = (row[1] as number) - share * (row[0] as number);
  const b = [0.2, -0.5, 1, 0];
  const m = [0, 1].map((j) => w.reduce((sum, row) => sum + (row[j] as number) ** 2, sigma ** 2));

  const x = layers.input({ shape: [dim] });
  const z = layers.input({ shape: [d] });
  const dense = (units: number, input: layers.SymbolicTensor) =>
    layers.layers.dense({ units, kernelInitializer: 'zeros' }).apply(input) as layers.SymbolicTensor;
  const encoder = layers.model({ inputs: x, outputs: dense(2 * d, x) });
  const decoder = layers.model({ inputs: z, outputs: dense(dim, z) });
  tf.tidy(() => {
    const into = w.map((row) => [0, 1, 2, 3].map((k) => (k < d ? (row[k] as number) / (m[k] as number) : 0)));
    const bias = [0, 1, 2, 3].map((k) =>
      k < d
        ? -b.reduce((sum, value, i) => sum + value * ((into[i] as number[])[k] as number), 0) + spoil
        : Math.log(sigma ** 2 / (m[k - d] as number)) + spoil,
    );
    encoder.setWeights([tf.tensor2d(into), tf.tensor1d(bias)]);
    const columns = [0, 1].map((j) => w.map((row) => row[j] as number));
    decoder.setWeights([tf.tensor2d(columns), tf.tensor1d(b)]);
  });
  const vae = new Vae({
    shape: [dim],
    latentDim: d,
    encoder,
    decoder,
    likelihood: new GaussianLikelihood({ scale: sigma }),
    ...rest,
  });
  const covariance = Float64Array.from({ length: dim * dim }, (_, at) => {
    const [i, k] = [Math.floor(at / dim), at % dim];
    const product = [0, 1].reduce((sum, j) => sum + (w[i]?.[j] as number) * (w[k]?.[j] as number), 0);
    return product + (i === k ? sigma ** 2 : 0);
  });
  const logDet = logAbsDeterminant(covariance, dim);
  const exact = (rows: Tensor2D) => {
    const values = rows.dataSync();
    return Float64Array.from({ length: rows.shape[0] }, (_, i) => {
      const centred = b.map((value, k) => (values[i * dim + k] as number) - value);
      // (W Wᵀ + σ² I)⁻¹ = (I − W M⁻¹ Wᵀ) / σ², M = Wᵀ W + σ² I.
      const codes = [0, 1].map((j) =>
        w.reduce((sum, row, k) => sum + (row[j] as number) * (centred[k] as number), 0),
      );
      const square = centred.reduce((sum, value) => sum + value ** 2, 0);
      const along = codes.reduce((sum, value, j) => sum + value ** 2 / (m[j] as number), 0);
      return -0.5 * ((square - along) / sigma ** 2 + logDet + dim * Math.log(2 * Math.PI));
    });
  };
  return { vae, exact };
}

export function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
