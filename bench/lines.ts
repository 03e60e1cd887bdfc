import { type Comparison, compare } from './compare.js';
import type { Measured, Place } from './measure.js';
import { COMPILED, EAGER } from './peers.js';
import { head, row, times } from './table.js';

/** What is asked of a line: so many times the fastest peer of a kind, or this share of the peak. */
export const REQUIRED = {
  train: { eager: 5, compiled: 2 },
  logProb: { eager: 3, compiled: 0 },
  sample: { eager: 3, compiled: 0 },
  peakShare: 0.65,
} as const;

/** The fastest peer of a kind and how many times our time it takes. */
export interface Fastest {
  readonly name: string;
  readonly ratio: number;
}

/** One line of the benchmark's flows. */
export interface Line extends Comparison {
  readonly configuration: string;
  readonly batch: number;
  readonly task: Place['task'];
  readonly eager: Fastest | null;
  readonly compiled: Fastest | null;
  /** Which of the two bounds holds: both, one or neither; null where there is nothing to judge by. */
  readonly bound: 'peers' | 'peak' | 'both' | 'neither' | null;
}

export function lineOf({ configuration, batch, task }: Place, measured: Measured): Line {
  const comparison = compare(measured);
  const { ratios, peakShare } = comparison;
  const [eager, compiled] = [fastest(ratios, EAGER), fastest(ratios, COMPILED)];
  return {
    configuration: configuration.name,
    batch,
    task,
    ...comparison,
    eager,
    compiled,
    bound: boundOf(task, eager, compiled, peakShare),
  };
}

function fastest(ratios: Readonly<Record<string, number>>, names: readonly string[]): Fastest | null {
  const there = names.flatMap((name) => (ratios[name] === undefined ? [] : [{ name, ratio: ratios[name] }]));
  return there.toSorted((a, b) => a.ratio - b.ratio)[0] ?? null;
}

/** A kind of peer that no one measured, or that nothing is asked against, does not judge. */
function boundOf(
  task: Line['task'],
  eager: Fastest | null,
  compiled: Fastest | null,
  peakShare: number | null,
): Line['bound'] {
  const required = REQUIRED[task];
  const judges = [
    eager && { ratio: eager.ratio, least: required.eager },
    required.compiled > 0 ? compiled && { ratio: compiled.ratio, least: required.compiled } : null,
  ].filter((judge) => judge !== null);
  const peers = judges.length > 0 && judges.every(({ ratio, least }) => ratio >= least);
  const peak = peakShare !== null && peakShare >= REQUIRED.peakShare;
  if (judges.length === 0 && peakShare === null) return null;
  if (peers && peak) return 'both';
  if (peers) return 'peers';
  return peak ? 'peak' : 'neither';
}

const NAMES = [...EAGER, ...COMPILED];

/** The table's heading and its rule, in Markdown. */
export function tableHead(): string {
  return head(NAMES);
}

export function tableRow(line: Line): string {
  const ratio = (name: string) => {
    const isBest = name === line.eager?.name || name === line.compiled?.name;
    return isBest ? `**${times(line.ratios[name])}**` : times(line.ratios[name]);
  };
  return row(line, NAMES.map(ratio), line.bound);
}
