import type { TableLayout } from '../layout.js';
import { hiddenFor, type OpenSizes } from '../openSizes.js';

/** A GAN by its sizes. */
export interface GanArchitecture {
  readonly name: 'gan';
  /** Numbers that a row is made of, beside the noise that its levels are drawn with. */
  readonly latent: number;
  /** Widths of the hidden layers of both networks. */
  readonly hidden: readonly number[];
  /** Rows that the critic judges together. */
  readonly pac: number;
}

export type GanChoice = OpenSizes<GanArchitecture>;

export interface GanTableArchitecture extends TableLayout {
  readonly family: 'gan';
  readonly gan: GanArchitecture;
  readonly seed: number;
}

const LATENT = 64;
/** CTGAN's. */
const PAC = 10;
/** A batch is of a few packs at least, which few rows do not make by ten. */
const FEWEST_PACKS = 4;

/** Sizes that the caller leaves open: 64 latents, packs of ten or, where rows are few, of less, wider nets for many rows. */
export function chooseGan(
  layout: TableLayout,
  rows: number,
  seed: number,
  { latent, hidden, pac }: GanChoice,
): GanTableArchitecture {
  return {
    family: 'gan',
    ...layout,
    gan: {
      name: 'gan',
      latent: latent ?? LATENT,
      hidden: hidden ?? hiddenFor(rows, 128),
      pac: pac ?? Math.max(1, Math.min(PAC, Math.floor(rows / FEWEST_PACKS))),
    },
    seed,
  };
}
