import type { TableCodec } from '../data/codec.js';
import type { Activation } from '../native/spec.js';

/** All that a table's model is built from, apart from its fitted transforms and weights. */
export interface TableArchitecture {
  /** Levels of each categorical variable. */
  readonly cardinalities: readonly number[];
  /** For each number: the step it is dequantised with, and the variable that says whether it is there (−1: always). */
  readonly numerics: readonly { readonly step: number | null; readonly state: number }[];
  readonly flow: {
    readonly layers: number;
    readonly hidden: readonly number[];
    readonly activation: Activation;
  };
  readonly network: { readonly hidden: readonly number[] };
  readonly seed: number;
}

/** Rows above which a model of a table affords wider layers. */
const MANY_ROWS = 4000;

/** Sizes that fit a table of this many training rows: wider nets where rows are many enough to fill them. */
export function chooseArchitecture(codec: TableCodec, rows: number, seed: number): TableArchitecture {
  const width = rows >= MANY_ROWS ? 128 : 64;
  return {
    cardinalities: codec.categoricals.map(({ cardinality }) => cardinality),
    numerics: codec.numerics.map(({ step, state }) => ({ step, state })),
    flow: { layers: 6, hidden: [width, width], activation: 'silu' },
    network: { hidden: [width, width] },
    seed,
  };
}
