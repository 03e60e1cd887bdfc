import { ActNorm } from '../actNorm.js';
import { AdditiveCoupling } from '../additiveCoupling.js';
import type { Bijection } from '../bijection.js';
import { Flow } from '../flow.js';
import { type PresetDefaults, type PresetOptions, sizesOf } from './options.js';
import { parities } from './parts.js';

export type NiceOptions = PresetOptions;

/** Layers and activation are the paper's, whose networks for images have five hidden layers of 1000. */
export const niceDefaults = { layers: 4, hidden: [64, 64], activation: 'relu' } satisfies PresetDefaults;

/**
 * NICE (Dinh, Krueger and Bengio 2015): `layers` additive couplings on the even and the odd dimensions
 * in turn, and last a diagonal scaling (section 3.3), the only layer that changes volumes. The scaling
 * is an ActNorm, whose shift a law centred elsewhere needs. It starts as the identity.
 *
 * Defaults: 4 layers, hidden [64, 64], relu. With one dimension each coupling is a shift by a function
 * of the context.
 */
export function nice(options: NiceOptions): Flow {
  const sized = sizesOf(options, niceDefaults);
  const { dim, layers } = sized;
  const bijections: Bijection[] = [];
  for (let step = 0; step < layers; step++) {
    bijections.push(new AdditiveCoupling({ ...sized, ...parities(dim, step) }));
  }
  bijections.push(new ActNorm(dim));
  return new Flow({ ...options, bijections });
}
