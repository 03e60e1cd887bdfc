import type { GanNetworks } from '../../gan/networks.js';
import { seedWeights } from '../../nn/seedWeights.js';
import { apply, BATCH_NORMALISATION, squares, ZEROS } from '../../nn/symbolic.js';
import { streamOf } from '../../random.js';
import { layers } from '../../tf.js';

/** Sides of the images that the networks go through, and channels in units of the width. */
const SIDES = [28, 14, 7, 4, 2];
const FILTERS = [1, 2, 4, 8];
const WINDOW = 5;
const COLOURS = 3;
const DEVIATION = 0.02;

export const STACKED_LATENTS = 100;

export interface StackedNetworksOptions {
  readonly pac: number;
  /** Channels of the first convolution, each later one having twice as many; the authors' are 64. */
  readonly width: number;
  readonly seed: number;
}

/**
 * The DCGAN of PacGAN's stacked digits (Lin et al. 2018, appendix; its code): convolutions of 5 × 5 that halve
 * 28 × 28 × 3 pixels in (−1, 1) four times, rounding up, with batch normalisation but in the first layer; and back to
 * a tanh. All weights start as N(0, 0.02²).
 */
export function stackedNetworks({ pac, width, seed }: StackedNetworksOptions): GanNetworks {
  const generator = stackedGenerator(width);
  const critic = stackedCritic(width, pac);
  seedWeights(generator, seed, streamOf('generator'), DEVIATION);
  seedWeights(critic, seed, streamOf('critic'), DEVIATION);
  return { generator, critic };
}

function stackedGenerator(width: number): layers.LayersModel {
  const { batchNormalization, conv2dTranspose, cropping2D, dense, reLU, reshape } = layers.layers;
  const z = layers.input({ shape: [STACKED_LATENTS] });
  const least = SIDES.at(-1) as number;
  const deepest = width * (FILTERS.at(-1) as number);
  let h = apply(dense({ units: least ** 2 * deepest, ...ZEROS }), z);
  h = apply(reshape({ targetShape: [least, least, deepest] }), h);
  for (let k = SIDES.length - 2; k >= 0; k--) {
    h = apply(batchNormalization(BATCH_NORMALISATION), h);
    h = apply(reLU(), h);
    const filters = k === 0 ? COLOURS : width * (FILTERS[k - 1] as number);
    h = apply(conv2dTranspose({ ...squares(filters, WINDOW), strides: 2 }), h);
    // 4 × 4 doubled is 8 × 8: the transpose of a convolution that rounds 7 up to 4 has not the first line of it.
    const spare = 2 * (SIDES[k + 1] as number) - (SIDES[k] as number);
    if (spare > 0)
      h = apply(
        cropping2D({
          cropping: [
            [spare, 0],
            [spare, 0],
          ],
        }),
        h,
      );
  }
  return layers.model({ inputs: z, outputs: apply(layers.layers.activation({ activation: 'tanh' }), h) });
}

function stackedCritic(width: number, pac: number): layers.LayersModel {
  const { batchNormalization, conv2d, dense, flatten, leakyReLU } = layers.layers;
  const side = SIDES[0] as number;
  const packs = layers.input({ shape: [side, side, COLOURS * pac] });
  let h: layers.SymbolicTensor = packs;
  for (const [k, times] of FILTERS.entries()) {
    h = apply(conv2d({ ...squares(width * times, WINDOW), strides: 2 }), h);
    if (k > 0) h = apply(batchNormalization(BATCH_NORMALISATION), h);
    h = apply(leakyReLU({ alpha: 0.2 }), h);
  }
  return layers.model({ inputs: packs, outputs: apply(dense({ units: 1, ...ZEROS }), apply(flatten(), h)) });
}
