import type { Flow } from '../flow.js';
import { autoregressiveDefaults } from './autoregressive.js';
import type { PresetName } from './catalogue.js';
import { iaf } from './iaf.js';
import { maf } from './maf.js';
import { nice, niceDefaults } from './nice.js';
import { type NsfOptions, nsf, nsfDefaults } from './nsf.js';
import { nsfAutoregressive } from './nsfAutoregressive.js';
import type { PresetDefaults, PresetOptions } from './options.js';
import { realNvp, realNvpDefaults } from './realNvp.js';

/** Sizes of a flow, filled in; bins and bound belong to splines. */
export type PresetSizes = PresetDefaults & Pick<NsfOptions, 'bins' | 'bound'>;

export interface Preset {
  readonly build: (options: PresetOptions & Partial<PresetSizes>) => Flow;
  readonly defaults: PresetSizes;
}

/** The presets for rows of numbers, by name. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  nice: { build: nice, defaults: niceDefaults },
  realNvp: { build: realNvp, defaults: realNvpDefaults },
  nsf: { build: nsf, defaults: nsfDefaults },
  nsfAutoregressive: { build: nsfAutoregressive, defaults: nsfDefaults },
  maf: { build: maf, defaults: autoregressiveDefaults },
  iaf: { build: iaf, defaults: autoregressiveDefaults },
};
