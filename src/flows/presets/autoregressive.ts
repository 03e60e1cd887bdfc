import { ActNorm } from '../actNorm.js';
import type { Bijection } from '../bijection.js';
import { Flow } from '../flow.js';
import type { MaskedAutoregressiveOptions } from '../maskedAutoregressive.js';
import { type PresetDefaults, type PresetOptions, sizesOf } from './options.js';

export interface AutoregressiveFlowOptions
  extends PresetOptions,
    Pick<MaskedAutoregressiveOptions, 'logScaleBound'> {}

/** Of maf and iaf; layers and activation are those of MAF's paper. */
export const autoregressiveDefaults = {
  layers: 5,
  hidden: [128, 128],
  activation: 'relu',
} satisfies PresetDefaults;

/**
 * `layers` times ActNorm and one of the autoregressive maps that `make` gives, whose order of the
 * dimensions is turned round from layer to layer. It starts as the identity.
 */
export function autoregressiveFlow(
  options: AutoregressiveFlowOptions,
  make: (options: MaskedAutoregressiveOptions) => Bijection,
): Flow {
  const sized = sizesOf(options, autoregressiveDefaults);
  const { dim, layers } = sized;
  const ascending = Array.from({ length: dim }, (_, i) => i);
  const bijections: Bijection[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const order = layer % 2 === 0 ? ascending : ascending.toReversed();
    bijections.push(new ActNorm(dim), make({ ...sized, order }));
  }
  return new Flow({ ...options, bijections });
}
