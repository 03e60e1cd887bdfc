import type { TableLayout } from '../layout.js';
import { hiddenFor, type OpenSizes } from '../openSizes.js';

/** A VAE by its sizes. */
export interface VaeArchitecture {
  readonly name: 'vae';
  /** Length of the code of a row. */
  readonly latent: number;
  /** Widths of the encoder's hidden layers; the decoder has them in reverse. */
  readonly hidden: readonly number[];
}

export type VaeChoice = OpenSizes<VaeArchitecture>;

export interface VaeTableArchitecture extends TableLayout {
  readonly family: 'vae';
  readonly vae: VaeArchitecture;
  readonly seed: number;
}

/** Codes longer than this are not used by tables: their dimensions collapse. */
const LONGEST_CODE = 16;

/** Sizes that the caller leaves open: a code half as long as the row, from 2 to 16, and wider nets for many rows. */
export function chooseVae(
  layout: TableLayout,
  rows: number,
  seed: number,
  { latent, hidden }: VaeChoice,
): VaeTableArchitecture {
  const { cardinalities, numerics } = layout;
  // Whether a number is there is no variable of its own.
  const states = numerics.filter(({ state }) => state >= 0).length;
  const variables = cardinalities.length + numerics.length - states;
  return {
    family: 'vae',
    ...layout,
    vae: {
      name: 'vae',
      latent: latent ?? Math.max(2, Math.min(LONGEST_CODE, Math.ceil(variables / 2))),
      hidden: hidden ?? hiddenFor(rows, 128),
    },
    seed,
  };
}
