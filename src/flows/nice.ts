import type { Activation } from '../native/spec.js';
import { ActNorm } from './actNorm.js';
import { AdditiveCoupling } from './additiveCoupling.js';
import type { Bijection } from './bijection.js';
import { Flow } from './flow.js';

export interface NiceOptions {
  readonly dim: number;
  /** Width of the context, which every coupling reads; 0, the default, is none. */
  readonly contextDim?: number;
  /** Additive couplings. Default 4, the paper's. */
  readonly layers?: number;
  /** Widths of each conditioner's hidden layers. Default [64, 64]; the paper has five of 1000 for images. */
  readonly hidden?: readonly number[];
  /** Default relu, the paper's. */
  readonly activation?: Activation;
  readonly seed?: number;
  /** Never use the addon. Default false. */
  readonly reference?: boolean;
}

/**
 * NICE (Dinh, Krueger and Bengio 2015): additive couplings on the even and the odd dimensions in turn,
 * and last a diagonal scaling (section 3.3), the only layer that changes volumes. The scaling is an
 * ActNorm, whose shift a law centred elsewhere needs. It starts as the identity.
 *
 * With one dimension each coupling is a shift by a function of the context.
 */
export function nice({
  dim,
  contextDim = 0,
  layers = 4,
  hidden = [64, 64],
  activation = 'relu',
  seed = 0,
  reference = false,
}: NiceOptions): Flow {
  const columns = Array.from({ length: dim }, (_, i) => i);
  const [even, odd] = [0, 1].map((parity) => columns.filter((i) => i % 2 === parity)) as [number[], number[]];
  const bijections: Bijection[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const [identity, transformed] = layer % 2 === 0 || dim === 1 ? [odd, even] : [even, odd];
    bijections.push(new AdditiveCoupling({ dim, contextDim, identity, transformed, hidden, activation }));
  }
  bijections.push(new ActNorm(dim));
  return new Flow({ dim, contextDim, bijections, seed, reference });
}
