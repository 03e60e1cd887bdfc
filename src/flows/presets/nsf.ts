import type { Bijection } from '../bijection.js';
import { Flow } from '../flow.js';
import {
  RationalQuadraticCoupling,
  type RationalQuadraticCouplingOptions,
} from '../rationalQuadraticCoupling.js';
import { pluLinear } from './mixing.js';
import { type PresetDefaults, type PresetOptions, sizesOf } from './options.js';
import { halves } from './parts.js';

export interface NsfOptions extends PresetOptions, Pick<RationalQuadraticCouplingOptions, 'bins' | 'bound'> {}

/** Activation, bins and bound are the paper's; it takes 10 layers of residual networks for tables. */
export const nsfDefaults = {
  layers: 5,
  hidden: [64, 64],
  activation: 'relu',
  bins: 8,
  bound: 3,
} satisfies PresetDefaults & Pick<NsfOptions, 'bins' | 'bound'>;

/**
 * Neural spline flow with couplings, RQ-NSF (C) (Durkan, Bekasov, Murray and Papamakarios 2019,
 * section 4.1 and appendix B): `layers` times a linear map by its PLU factors, of which P is a fixed
 * random permutation, and a rational-quadratic spline coupling, and a last linear map. The conditioners
 * are plain perceptrons unless `residualBlocks` says otherwise; the paper's have two blocks. It starts as a
 * permutation, which has the density of N(0, I). The splines bend within ±bound, so rows should come near
 * mean 0 and variance 1.
 *
 * Defaults: 5 layers, hidden [64, 64], relu, 8 bins, bound 3. With one dimension there is no half to
 * drive another: the couplings are driven by the context alone.
 */
export function nsf(options: NsfOptions): Flow {
  const sized = sizesOf(options, nsfDefaults);
  const { dim, layers, seed = 0 } = sized;
  const bijections: Bijection[] = [];
  for (let step = 0; step < layers; step++) {
    bijections.push(...pluLinear(dim, seed + step));
    bijections.push(new RationalQuadraticCoupling({ ...sized, ...halves(dim, step) }));
  }
  bijections.push(...pluLinear(dim, seed + layers));
  return new Flow({ ...options, bijections });
}
