import type { Flow } from '../flow.js';
import { MaskedAutoregressive } from '../maskedAutoregressive.js';
import { type AutoregressiveFlowOptions, autoregressiveFlow } from './autoregressive.js';

/**
 * Masked autoregressive flow (Papamakarios, Pavlakou and Murray 2017, section 3.4): `layers` maps whose
 * order of the dimensions is turned round from one to the next. Where the paper normalises by batches
 * between them, so that a density depends on the batch it was trained in, here stands an ActNorm. Quick
 * densities, slow samples. It starts as the identity.
 *
 * Defaults: 5 layers and relu, the paper's, hidden [128, 128].
 */
export function maf(options: AutoregressiveFlowOptions): Flow {
  return autoregressiveFlow(options, (map) => new MaskedAutoregressive(map));
}
