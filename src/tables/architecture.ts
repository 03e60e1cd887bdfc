import type { TableCodec } from '../data/codec.js';
import type { PresetName } from '../flows/presets/catalogue.js';
import { type PresetSizes, presets } from '../flows/presets/index.js';

/** The flow that the numbers follow: a preset and its sizes. */
export interface FlowArchitecture extends PresetSizes {
  readonly name: PresetName;
}

/** What a caller says of the flow; null leaves a size to the preset and to the number of rows. */
export interface FlowChoice {
  readonly name: PresetName;
  readonly layers: number | null;
  readonly hidden: readonly number[] | null;
  readonly bins: number | null;
}

/** All that a table's model is built from, apart from its fitted transforms and weights. */
export interface TableArchitecture {
  /** Levels of each categorical variable. */
  readonly cardinalities: readonly number[];
  /** For each number: the step it is dequantised with, and the variable that says whether it is there (−1: always). */
  readonly numerics: readonly { readonly step: number | null; readonly state: number }[];
  readonly flow: FlowArchitecture;
  readonly network: { readonly hidden: readonly number[] };
  readonly seed: number;
}

/** Rows above which a model of a table affords wider layers. */
const MANY_ROWS = 4000;

/** Sizes that the caller leaves open fit a table of this many training rows: wider nets where rows are many enough to fill them. */
export function chooseArchitecture(
  codec: TableCodec,
  rows: number,
  seed: number,
  { name, layers, hidden, bins }: FlowChoice,
): TableArchitecture {
  const width = rows >= MANY_ROWS ? 128 : 64;
  return {
    cardinalities: codec.categoricals.map(({ cardinality }) => cardinality),
    numerics: codec.numerics.map(({ step, state }) => ({ step, state })),
    flow: {
      name,
      ...presets[name].defaults,
      hidden: hidden ?? [width, width],
      ...(layers === null ? {} : { layers }),
      ...(bins === null ? {} : { bins }),
    },
    network: { hidden: [width, width] },
    seed,
  };
}
