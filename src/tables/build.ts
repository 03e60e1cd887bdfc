import type { ColumnTransforms } from '../data/transforms.js';
import type { ModelChoice, TableArchitecture } from './architecture.js';
import { chooseFlow } from './flow/architecture.js';
import { FlowTable } from './flow/flowTable.js';
import { chooseGan } from './gan/architecture.js';
import { GanTable } from './gan/ganTable.js';
import type { TableLayout } from './layout.js';
import type { TableModel } from './model.js';
import { chooseVae } from './vae/architecture.js';
import { VaeTable } from './vae/vaeTable.js';

/** The sizes that the caller leaves open, for a table of this many training rows. */
export function chooseArchitecture(
  layout: TableLayout,
  rows: number,
  seed: number,
  choice: ModelChoice,
): TableArchitecture {
  if (choice.name === 'gan') return chooseGan(layout, rows, seed, choice);
  if (choice.name === 'vae') return chooseVae(layout, rows, seed, choice);
  return chooseFlow(layout, rows, seed, choice);
}

/**
 * The model of an architecture, with first weights of its seed.
 * @param transforms belongs to the numbers and is null when there are none.
 */
export function buildTableModel(
  architecture: TableArchitecture,
  transforms: ColumnTransforms | null,
): TableModel {
  switch (architecture.family) {
    case 'gan':
      return new GanTable(architecture, transforms);
    case 'vae':
      return new VaeTable(architecture, transforms);
    case 'flow':
      return new FlowTable(architecture, transforms);
    default:
      throw new TypeError(`no family ${(architecture as { family: unknown }).family}`);
  }
}
