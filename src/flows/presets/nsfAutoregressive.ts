import type { Bijection } from '../bijection.js';
import { Flow } from '../flow.js';
import { MaskedSpline } from '../maskedSpline.js';
import { pluLinear } from './mixing.js';
import { type NsfOptions, nsfDefaults } from './nsf.js';
import { sizesOf } from './options.js';

/**
 * Neural spline flow with autoregressive maps, RQ-NSF (AR) (Durkan, Bekasov, Murray and Papamakarios 2019,
 * section 4.1 and appendix B): `layers` times a linear map by its PLU factors, of which P is a fixed random
 * permutation, and a masked autoregressive rational-quadratic spline, and a last linear map. Quick
 * densities, slow samples. It starts as a permutation, which has the density of N(0, I). The splines bend
 * within ±bound, so rows should come near mean 0 and variance 1.
 *
 * Defaults: those of `nsf`.
 */
export function nsfAutoregressive(options: NsfOptions): Flow {
  const sized = sizesOf(options, nsfDefaults);
  const { dim, layers, seed = 0 } = sized;
  const bijections: Bijection[] = [];
  for (let step = 0; step < layers; step++) {
    bijections.push(...pluLinear(dim, seed + step));
    bijections.push(new MaskedSpline(sized));
  }
  bijections.push(...pluLinear(dim, seed + layers));
  return new Flow({ ...options, bijections });
}
