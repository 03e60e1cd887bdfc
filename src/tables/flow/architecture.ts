import type { PresetName } from '../../flows/presets/catalogue.js';
import { type PresetSizes, presets } from '../../flows/presets/index.js';
import type { TableLayout } from '../layout.js';
import { hiddenFor } from '../openSizes.js';

/** The flow that the numbers follow: a preset and its sizes. */
export interface FlowArchitecture extends PresetSizes {
  readonly name: PresetName;
}

/** What a caller says of the flow; null leaves a size to the preset and to the number of rows. */
export interface FlowChoice {
  readonly name: PresetName;
  readonly layers: number | null;
  readonly hidden: readonly number[] | null;
  /** Of splines alone. */
  readonly bins?: number | null;
}

export interface FlowTableArchitecture extends TableLayout {
  readonly family: 'flow';
  readonly flow: FlowArchitecture;
  /** The network of the categories. */
  readonly network: { readonly hidden: readonly number[] };
  readonly seed: number;
}

/** Sizes that the caller leaves open fit a table of this many training rows: wider nets where rows are many enough to fill them. */
export function chooseFlow(
  layout: TableLayout,
  rows: number,
  seed: number,
  { name, layers, hidden, bins = null }: FlowChoice,
): FlowTableArchitecture {
  const wide = hiddenFor(rows, 64);
  return {
    family: 'flow',
    ...layout,
    flow: {
      name,
      ...presets[name].defaults,
      hidden: hidden ?? wide,
      ...(layers === null ? {} : { layers }),
      ...(bins === null ? {} : { bins }),
    },
    network: { hidden: wide },
    seed,
  };
}
