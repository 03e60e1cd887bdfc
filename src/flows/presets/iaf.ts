import type { Flow } from '../flow.js';
import { InverseAutoregressive } from '../inverseAutoregressive.js';
import { type AutoregressiveFlowOptions, autoregressiveFlow } from './autoregressive.js';

/**
 * Inverse autoregressive flow (Kingma et al. 2016): the maps of `maf` taken the other way. Quick samples,
 * slow densities of given data.
 *
 * Defaults: those of `maf`.
 */
export function iaf(options: AutoregressiveFlowOptions): Flow {
  return autoregressiveFlow(options, (map) => new InverseAutoregressive(map));
}
