import { type Measured, median, type Place } from './measure.js';
import { COMPILED, EAGER } from './peers.js';
import { PASSES } from './tasks.js';

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

/** One line of the benchmark. */
export interface Line {
  readonly configuration: string;
  readonly batch: number;
  readonly task: Place['task'];
  /** Ours, the median of a run's time in seconds. */
  readonly seconds: number;
  readonly parameters: Readonly<Record<string, number>>;
  /** Each peer's time over ours, the median over the rounds of the two in one round. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly absent: Readonly<Record<string, string>>;
  readonly eager: Fastest | null;
  readonly compiled: Fastest | null;
  /** Of the multiply-add peak, over the operations that are needed; best of ours over best of the peak's. */
  readonly peakShare: number | null;
  /** Our speed on two threads over that on one. */
  readonly twoThreads: number | null;
  /** Which of the two bounds holds: both, one or neither; null where there is nothing to judge by. */
  readonly bound: 'peers' | 'peak' | 'both' | 'neither' | null;
}

export const OURS = 'pushforward';
export const OURS_TWICE = 'pushforward, 2 threads';

export function lineOf({ configuration, batch, task }: Place, measured: Measured): Line {
  const ours = measured.times[OURS];
  if (ours === undefined) throw new Error(`no times of ours: ${measured.absent[OURS]}`);
  const ratioTo = (name: string) =>
    median(
      (measured.times[name]?.seconds ?? []).map((seconds, round) => seconds / (ours.seconds[round] ?? 0)),
    );
  const peers = Object.keys(measured.times).filter((name) => name !== OURS && name !== OURS_TWICE);
  const ratios = Object.fromEntries(peers.map((name) => [name, ratioTo(name)]));
  const operations = 2 * PASSES[task] * batch * (ours.multiplyAdds ?? 0);
  const peak = Math.max(...measured.peaks);
  const peakShare = measured.peaks.length > 0 ? operations / Math.min(...ours.seconds) / peak : null;
  const [eager, compiled] = [fastest(ratios, EAGER), fastest(ratios, COMPILED)];
  return {
    configuration: configuration.name,
    batch,
    task,
    seconds: median(ours.seconds),
    parameters: Object.fromEntries(
      Object.entries(measured.times).map(([name, { parameters }]) => [name, parameters]),
    ),
    ratios,
    absent: measured.absent,
    eager,
    compiled,
    peakShare,
    twoThreads: measured.times[OURS_TWICE] === undefined ? null : 1 / ratioTo(OURS_TWICE),
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
  const cells = ['configuration', 'batch', 'task', 'ours', ...NAMES, 'peak', '2 threads', 'bound'];
  return `${row(cells)}\n${row(cells.map((_, i) => (i === 0 || i === 2 ? '---' : '---:')))}`;
}

export function tableRow(line: Line): string {
  const ratio = (value: number | null | undefined) => (value == null ? '' : `${value.toFixed(1)}x`);
  return row([
    line.configuration,
    String(line.batch),
    line.task,
    `${(line.seconds * 1000).toPrecision(3)} ms`,
    ...NAMES.map((name) => {
      const best = name === line.eager?.name || name === line.compiled?.name;
      return best ? `**${ratio(line.ratios[name])}**` : ratio(line.ratios[name]);
    }),
    line.peakShare === null ? '' : `${Math.round(100 * line.peakShare)} %`,
    line.twoThreads === null ? '' : `${line.twoThreads.toFixed(2)}x`,
    line.bound ?? '',
  ]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
