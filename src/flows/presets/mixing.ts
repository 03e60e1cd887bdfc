import type { Bijection } from '../bijection.js';
import { LuLinear } from '../luLinear.js';
import { Permutation } from '../permutation.js';

/**
 * A linear map by its PLU factors, of which P is a fixed permutation drawn from `seed` (Durkan et al. 2019,
 * appendix B.1); with one dimension there is nothing to permute.
 */
export function pluLinear(dim: number, seed: number): Bijection[] {
  const linear = new LuLinear(dim);
  return dim > 1 ? [Permutation.random(dim, seed), linear] : [linear];
}
