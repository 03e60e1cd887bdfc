import type { Activation } from '../native/spec.js';
import type { Bijection } from './bijection.js';
import { Flow } from './flow.js';
import { MaskedSpline } from './maskedSpline.js';
import { pluLinear } from './mixing.js';

export interface NsfAutoregressiveOptions {
  readonly dim: number;
  /** Width of the context, which every map reads; 0, the default, is none. */
  readonly contextDim?: number;
  /** Steps of permutation, LU linear, autoregressive spline. Default 5; the paper takes 10 for tables. */
  readonly layers?: number;
  /** Widths of each map's hidden layers. Default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Default relu, as in the paper. */
  readonly activation?: Activation;
  /** Bins of each spline, from 2 to 64. Default 8, the paper's. */
  readonly bins?: number;
  /** The splines bend on [−bound, bound] and are the identity outside. Default 3, the paper's. */
  readonly bound?: number;
  /** Of the first weights and of the permutations. Default 0. */
  readonly seed?: number;
  /** Never use the addon. Default false. */
  readonly reference?: boolean;
}

/**
 * Neural spline flow with autoregressive maps, RQ-NSF (AR) (Durkan, Bekasov, Murray and Papamakarios 2019,
 * section 4.1 and appendix B): steps of a linear map by its PLU factors, of which P is a fixed random
 * permutation, and a masked autoregressive rational-quadratic spline, and a last linear map. Quick
 * densities, slow samples. It starts as a permutation, which has the density of N(0, I). The splines bend
 * within ±bound, so rows should come near mean 0 and variance 1.
 */
export function nsfAutoregressive({
  dim,
  contextDim = 0,
  layers = 5,
  hidden = [64, 64],
  activation = 'relu',
  bins = 8,
  bound = 3,
  seed = 0,
  reference = false,
}: NsfAutoregressiveOptions): Flow {
  const bijections: Bijection[] = [];
  for (let step = 0; step < layers; step++) {
    bijections.push(...pluLinear(dim, seed + step));
    bijections.push(new MaskedSpline({ dim, contextDim, hidden, activation, bins, bound }));
  }
  bijections.push(...pluLinear(dim, seed + layers));
  return new Flow({ dim, contextDim, bijections, seed, reference });
}
