import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

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

/** The one file that both TypeScript and Python build their flows from. */
const FILE = fileURLToPath(new URL('../../bench/configurations.json', import.meta.url));

/** The benchmark's configurations. @throws Error that names the entry and the field that is wrong. */
export function readConfigurations(text = readFileSync(FILE, 'utf8')): Configuration[] {
  const entries: unknown = JSON.parse(text);
  if (!Array.isArray(entries)) throw new Error('configurations: an array is wanted');
  const configurations = entries.map((entry: unknown, i) => check(entry, i));
  const names = configurations.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new Error(`configurations: ${twice} is there twice`);
  return configurations;
}

const whole = (least: number) => (value: unknown) => Number.isInteger(value) && (value as number) >= least;
const listOf = (least: number) => (value: unknown) =>
  Array.isArray(value) && value.length > 0 && value.every(whole(least));
const oneOf = (names: readonly string[]) => (value: unknown) => names.includes(value as string);

const FIELDS: Record<keyof Configuration, (value: unknown) => boolean> = {
  name: (value) => typeof value === 'string' && value !== '',
  flow: oneOf(['affineCoupling', 'splineCoupling', 'maskedAffine']),
  dim: whole(2),
  contextDim: whole(0),
  layers: whole(1),
  hidden: listOf(1),
  residualBlocks: whole(0),
  networks: oneOf(['separate', 'joint']),
  batches: listOf(1),
};

function check(entry: unknown, i: number): Configuration {
  const record = (typeof entry === 'object' ? entry : null) as Record<string, unknown> | null;
  for (const [field, isRight] of Object.entries(FIELDS)) {
    if (!isRight(record?.[field])) {
      throw new Error(`configurations: ${record?.name ?? i}: ${field} is ${JSON.stringify(record?.[field])}`);
    }
  }
  return record as unknown as Configuration;
}
