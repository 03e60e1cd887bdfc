import type { Activation } from '../native/spec.js';
import { ActNorm } from './actNorm.js';
import { AffineCoupling } from './affineCoupling.js';
import type { Bijection } from './bijection.js';
import { Flow } from './flow.js';
import { LuLinear } from './luLinear.js';

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
  const columns = Array.from({ length: dim }, (_, i) => i);
  const half = Math.floor(dim / 2);
  const halves = [columns.slice(0, half), columns.slice(half)] as const;
  const bijections: Bijection[] = [];
  for (let step = 0; step < layers; step++) {
    const [identity, transformed] = step % 2 === 0 || dim === 1 ? halves : [halves[1], halves[0]];
    bijections.push(new ActNorm(dim));
    if (dim > 1) bijections.push(new LuLinear(dim));
    bijections.push(
      new AffineCoupling({ dim, contextDim, identity, transformed, hidden, activation, logScaleBound }),
    );
  }
  return new Flow({ dim, contextDim, bijections, seed, reference });
}
