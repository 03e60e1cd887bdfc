import { type Comparison, compare, OURS } from '../compare.js';
import type { Measured } from '../measure.js';
import { head, row, times } from '../table.js';
import type { NetworkConfiguration } from './configurations.js';

/** Python's and JavaScript's contenders for networks. */
export const TORCH = ['torch', 'torchCompile'] as const;
export const TFJS = ['tfjsCpu', 'tfjsWasm'] as const;
const PEERS = [...TORCH, ...TFJS];

/** Where a line stands. */
export interface NetworkPlace {
  readonly configuration: NetworkConfiguration;
  readonly batch: number;
  readonly task: 'train' | 'product';
}

export function placeOf(configuration: NetworkConfiguration): NetworkPlace {
  const task = configuration.network === 'matrixProduct' ? 'product' : 'train';
  return { configuration, batch: configuration.batch, task };
}

/** How many times our time a peer may take at the least, or the share of the peak that is asked for. */
type Required = Readonly<Partial<Record<(typeof PEERS)[number] | 'peak', number>>>;

const TRAINING: Required = { torch: 1, tfjsCpu: 50, tfjsWasm: 5 };

const REQUIRED: Readonly<Record<NetworkConfiguration['network'], Required>> = {
  perceptron: { ...TRAINING, torch: 1.2 },
  gan: TRAINING,
  autoencoder: TRAINING,
  lstm: { ...TRAINING, torch: 1.2 },
  matrixProduct: { peak: 0.85 },
};

/** One line of the benchmark's networks. */
export interface NetworkLine extends Comparison {
  readonly configuration: string;
  readonly batch: number;
  readonly task: NetworkPlace['task'];
  /** The names of those whose bound does not hold; null where there is nothing to judge by. */
  readonly missed: readonly string[] | null;
}

/** @throws Error when a contender does not train as many numbers as ours: it is another network. */
export function networkLineOf({ configuration, batch, task }: NetworkPlace, measured: Measured): NetworkLine {
  const comparison = compare(measured);
  const { parameters, ratios, peakShare } = comparison;
  for (const [name, count] of Object.entries(parameters)) {
    if (count === parameters[OURS]) continue;
    throw new Error(`${configuration.name}: ${name} trains ${count} numbers, ours ${parameters[OURS]}`);
  }
  const reached: Readonly<Record<string, number | null | undefined>> = { ...ratios, peak: peakShare };
  const judges = Object.entries(REQUIRED[configuration.network]).flatMap(([name, least]) => {
    const value = reached[name];
    return value == null ? [] : [{ name, holds: value >= least }];
  });
  const missed = judges.filter(({ holds }) => !holds).map(({ name }) => name);
  return {
    configuration: configuration.name,
    batch,
    task,
    ...comparison,
    missed: judges.length === 0 ? null : missed,
  };
}

export function networkHead(): string {
  return head(PEERS);
}

export function networkRow(line: NetworkLine): string {
  const { missed, ratios } = line;
  const bound = missed?.length === 0 ? 'holds' : missed && `not ${missed.join(', ')}`;
  return row(
    line,
    PEERS.map((name) => times(ratios[name])),
    bound,
  );
}
