import { Gan, type GanOptions } from '../../src/gan/gan.js';
import { type MlpGanOptions, mlpGanNetworks } from '../../src/gan/networks.js';
import type { DrawRows } from '../../src/gan/trainer.js';
import { tf } from '../../src/tf.js';

/** A small perceptron GAN of rows [n, 2]. */
export function smallGan(options: Partial<GanOptions> = {}, networks: MlpGanOptions = {}): Gan {
  const { shape = [2], latentDim = 3, contextDim = 0, objective = {} } = options;
  const sizes = { shape, latentDim, contextDim, pac: objective.pac ?? 1, seed: 3 };
  const built = mlpGanNetworks(sizes, { generatorHidden: [7], criticHidden: [6, 5], ...networks });
  return new Gan({ ...built, shape, latentDim, contextDim, ...options });
}

/** Rows of two columns: a Gaussian away from 0. */
export const drawRows: DrawRows = (n, random) => ({
  x: tf.tensor2d(
    random.normal(new Float32Array(2 * n)).map((value) => 1 + 0.5 * value),
    [n, 2],
  ),
});
