import type { Activation } from '../native/spec.js';
import { ActNorm } from './actNorm.js';
import { AffineCoupling } from './affineCoupling.js';
import type { Bijection } from './bijection.js';
import { Flow } from './flow.js';
import { LuLinear } from './luLinear.js';
import { pluLinear } from './mixing.js';
import { RationalQuadraticCoupling } from './rationalQuadraticCoupling.js';

export interface RealNvpOptions {
  readonly dim: number;
  /** Width of the context, which every coupling reads; 0, the default, is none. */
  readonly contextDim?: number;
  /** Steps of ActNorm, LU linear, affine coupling. Default 6. */
  readonly layers?: number;
  /** Widths of each conditioner's hidden layers. Default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Default silu: smooth, so that densities are. */
  readonly activation?: Activation;
  /** Greatest absolute log-scale of one coupling. Default 2. */
  readonly logScaleBound?: number;
  readonly seed?: number;
  /** Never use the addon. Default false. */
  readonly reference?: boolean;
}

/**
 * Real NVP (Dinh, Sohl-Dickstein and Bengio 2017) in the form of Glow's step (Kingma and Dhariwal
 * 2018): ActNorm, a learned linear mixing by its LU factors (Durkan et al. 2019), an affine coupling,
 * whose two halves change parts from step to step. It starts as the identity.
 *
 * With one dimension there is nothing to mix and no half to drive another: each step is ActNorm and a
 * coupling driven by the context alone, so p(x | c) is a normal law whose mean and scale depend on c.
 */
export function realNvp({
  dim,
  contextDim = 0,
  layers = 6,
  hidden = [64, 64],
  activation = 'silu',
  logScaleBound = 2,
  seed = 0,
  reference = false,
}: RealNvpOptions): Flow {
  const bijections: Bijection[] = [];
  for (let step = 0; step < layers; step++) {
    const { identity, transformed } = parts(dim, step);
    bijections.push(new ActNorm(dim));
    if (dim > 1) bijections.push(new LuLinear(dim));
    bijections.push(
      new AffineCoupling({ dim, contextDim, identity, transformed, hidden, activation, logScaleBound }),
    );
  }
  return new Flow({ dim, contextDim, bijections, seed, reference });
}

export interface NsfOptions {
  readonly dim: number;
  /** Width of the context, which every coupling reads; 0, the default, is none. */
  readonly contextDim?: number;
  /** Steps of permutation, LU linear, spline coupling. Default 5; the paper takes 10 for tables. */
  readonly layers?: number;
  /** Widths of each conditioner's hidden layers. Default [64, 64]. */
  readonly hidden?: readonly number[];
  /** Default relu, as in the paper. */
  readonly activation?: Activation;
  /** Bins of each spline, from 2 to 64. Default 8. */
  readonly bins?: number;
  /** The splines bend on [−bound, bound] and are the identity outside. Default 3. */
  readonly bound?: number;
  /** Of the first weights and of the permutations. Default 0. */
  readonly seed?: number;
  /** Never use the addon. Default false. */
  readonly reference?: boolean;
}

/**
 * Neural spline flow with couplings, RQ-NSF (C) (Durkan, Bekasov, Murray and Papamakarios 2019,
 * section 4.1 and appendix B): steps of a linear map by its PLU factors, of which P is a fixed random
 * permutation, and a rational-quadratic spline coupling, and a last linear map. The conditioners are
 * plain perceptrons where the paper's are residual. It starts as a permutation, which has the density
 * of N(0, I). The splines bend within ±bound, so rows should come near mean 0 and variance 1.
 *
 * With one dimension there is no half to drive another: the couplings are driven by the context alone.
 */
export function nsf({
  dim,
  contextDim = 0,
  layers = 5,
  hidden = [64, 64],
  activation = 'relu',
  bins = 8,
  bound = 3,
  seed = 0,
  reference = false,
}: NsfOptions): Flow {
  const bijections: Bijection[] = [];
  for (let step = 0; step < layers; step++) {
    bijections.push(...pluLinear(dim, seed + step));
    const halves = parts(dim, step);
    bijections.push(
      new RationalQuadraticCoupling({ dim, contextDim, ...halves, hidden, activation, bins, bound }),
    );
  }
  bijections.push(...pluLinear(dim, seed + layers));
  return new Flow({ dim, contextDim, bijections, seed, reference });
}

/** The two halves of the columns, which change parts from step to step where each has a column. */
function parts(dim: number, step: number): { identity: number[]; transformed: number[] } {
  const columns = Array.from({ length: dim }, (_, i) => i);
  const half = Math.floor(dim / 2);
  const [first, second] = [columns.slice(0, half), columns.slice(half)];
  return step % 2 === 0 || dim === 1
    ? { identity: first, transformed: second }
    : { identity: second, transformed: first };
}
