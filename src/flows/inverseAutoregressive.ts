import { InverseMap } from './inverseMap.js';
import { MaskedAutoregressive, type MaskedAutoregressiveOptions } from './maskedAutoregressive.js';
import { MaskedSpline, type MaskedSplineOptions } from './maskedSpline.js';

/**
 * Inverse autoregressive map (IAF; Kingma et al. 2016, section 3): a MaskedAutoregressive taken from
 * latent to data. So x_i = z_i · exp(s_i) + t_i with s and t of the context and the dimensions of the
 * latent z before i: a sample is one pass of the network, a density of given data as many steps as
 * there are dimensions.
 */
export class InverseAutoregressive extends InverseMap {
  /** @throws PushforwardError `usage` as MaskedAutoregressive does. */
  constructor(options: MaskedAutoregressiveOptions) {
    super('inverseAutoregressive', new MaskedAutoregressive(options));
  }
}

/** A MaskedSpline taken from latent to data: quick samples, slow densities of given data. */
export class InverseSpline extends InverseMap {
  /** @throws PushforwardError `usage` as MaskedSpline does. */
  constructor(options: MaskedSplineOptions) {
    super('inverseSpline', new MaskedSpline(options));
  }
}
