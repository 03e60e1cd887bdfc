import { ActNorm } from '../actNorm.js';
import { AffineCoupling, type AffineCouplingOptions } from '../affineCoupling.js';
import type { Bijection } from '../bijection.js';
import { Flow } from '../flow.js';
import { LuLinear } from '../luLinear.js';
import { type PresetDefaults, type PresetOptions, sizesOf } from './options.js';
import { halves } from './parts.js';

export interface RealNvpOptions
  extends PresetOptions,
    Pick<AffineCouplingOptions, 'logScaleBound' | 'networks'> {}

/** Sizes for tables; the activation is smooth, so that densities are. */
export const realNvpDefaults = { layers: 6, hidden: [64, 64], activation: 'silu' } satisfies PresetDefaults;

/**
 * Real NVP (Dinh, Sohl-Dickstein and Bengio 2017) in the form of Glow's step (Kingma and Dhariwal
 * 2018): `layers` times ActNorm, a learned linear mixing by its LU factors (Durkan et al. 2019), an
 * affine coupling, whose two halves change parts from step to step. It starts as the identity.
 *
 * Defaults: 6 layers, hidden [64, 64], silu. With one dimension there is nothing to mix and no half to
 * drive another: each step is ActNorm and a coupling driven by the context alone, so p(x | c) is a
 * normal law whose mean and scale depend on c.
 */
export function realNvp(options: RealNvpOptions): Flow {
  const sized = sizesOf(options, realNvpDefaults);
  const { dim, layers } = sized;
  const bijections: Bijection[] = [];
  for (let step = 0; step < layers; step++) {
    bijections.push(new ActNorm(dim));
    if (dim > 1) bijections.push(new LuLinear(dim));
    bijections.push(new AffineCoupling({ ...sized, ...halves(dim, step) }));
  }
  return new Flow({ ...options, bijections });
}
