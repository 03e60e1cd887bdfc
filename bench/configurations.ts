import { type Check, listOf, oneOf, readBeside, readEntries, whole } from './entries.js';

/** One flow of the benchmark, as every contender builds it. */
export interface Configuration {
  readonly name: string;
  /** Couplings of the two halves in turn, the splines with an LU linear map before each; or masked maps. */
  readonly flow: 'affineCoupling' | 'splineCoupling' | 'maskedAffine';
  readonly dim: number;
  /** 0 is no context. */
  readonly contextDim: number;
  readonly layers: number;
  readonly hidden: readonly number[];
  /** 0 is a plain perceptron; else as many pre-activated blocks of two layers of width hidden[0]. */
  readonly residualBlocks: number;
  /** Whether scale and shift of an affine coupling come of two networks or of one. */
  readonly networks: 'separate' | 'joint';
  readonly batches: readonly number[];
}

const FIELDS: Record<Exclude<keyof Configuration, 'name'>, Check> = {
  flow: oneOf(['affineCoupling', 'splineCoupling', 'maskedAffine']),
  dim: whole(2),
  contextDim: whole(0),
  layers: whole(1),
  hidden: listOf(1),
  residualBlocks: whole(0),
  networks: oneOf(['separate', 'joint']),
  batches: listOf(1),
};

/** The flows of the benchmark. @throws Error that names the entry and the field that is wrong. */
export function readConfigurations(text = readBeside('configurations.json')): Configuration[] {
  return readEntries(text, () => FIELDS);
}
