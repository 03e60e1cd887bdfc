import type { Activation } from '../native/spec.js';
import { ActNorm } from './actNorm.js';
import type { Bijection } from './bijection.js';
import { Flow } from './flow.js';
import { InverseAutoregressive } from './inverseAutoregressive.js';
import { MaskedAutoregressive, type MaskedAutoregressiveOptions } from './maskedAutoregressive.js';

export interface MafOptions {
  readonly dim: number;
  /** Width of the context, which every layer reads; 0, the default, is none. */
  readonly contextDim?: number;
  /** Steps of ActNorm and an autoregressive map. Default 5, the paper's. */
  readonly layers?: number;
  /** Widths of each map's hidden layers. Default [128, 128]. */
  readonly hidden?: readonly number[];
  /** Default relu, the paper's. */
  readonly activation?: Activation;
  /** Greatest absolute log-scale of one map. Default 2. */
  readonly logScaleBound?: number;
  readonly seed?: number;
  /** Never use the addon. Default false. */
  readonly reference?: boolean;
}

/**
 * Masked autoregressive flow (Papamakarios, Pavlakou and Murray 2017, section 3.4): maps whose order of
 * the dimensions is turned round from layer to layer. Where the paper normalises by batches between them,
 * so that a density depends on the batch it was trained in, here stands an ActNorm. Quick densities, slow
 * samples. It starts as the identity.
 */
export function maf(options: MafOptions): Flow {
  return autoregressiveFlow(options, (map) => new MaskedAutoregressive(map));
}

/**
 * Inverse autoregressive flow (Kingma et al. 2016): the maps of `maf` taken the other way. Quick samples,
 * slow densities of given data.
 */
export function iaf(options: MafOptions): Flow {
  return autoregressiveFlow(options, (map) => new InverseAutoregressive(map));
}

function autoregressiveFlow(
  {
    dim,
    contextDim = 0,
    layers = 5,
    hidden = [128, 128],
    activation = 'relu',
    logScaleBound = 2,
    seed = 0,
    reference = false,
  }: MafOptions,
  make: (options: MaskedAutoregressiveOptions) => Bijection,
): Flow {
  const ascending = Array.from({ length: dim }, (_, i) => i);
  const bijections: Bijection[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const order = layer % 2 === 0 ? ascending : ascending.toReversed();
    bijections.push(new ActNorm(dim));
    bijections.push(make({ dim, contextDim, hidden, activation, order, logScaleBound }));
  }
  return new Flow({ dim, contextDim, bijections, seed, reference });
}
