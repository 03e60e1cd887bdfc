import type { Measured } from './measure.js';

/** Ours against the others at one place of the benchmark. */
export interface Comparison {
  /** Ours, the median of a run's time in seconds. */
  readonly seconds: number;
  readonly parameters: Readonly<Record<string, number>>;
  /** Each peer's time over ours, the median over the rounds of the two in one round. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly absent: Readonly<Record<string, string>>;
  /** Of the multiply-add peak, over the operations that are needed; best of ours over best of the peak's. */
  readonly peakShare: number | null;
  /** Our speed on two threads over that on one. */
  readonly twoThreads: number | null;
}

export const OURS = 'pushforward';
export const OURS_TWICE = 'pushforward, 2 threads';

export function compare({ times, absent, peaks }: Measured): Comparison {
  const ours = times[OURS];
  if (ours === undefined) throw new Error(`no times of ours: ${absent[OURS]}`);
  // Whoever is slow has had fewer rounds.
  const ratioTo = (name: string) =>
    median(
      ours.seconds.flatMap((seconds, round) => {
        const theirs = times[name]?.seconds[round];
        return theirs === undefined ? [] : [theirs / seconds];
      }),
    );
  const peers = Object.keys(times).filter((name) => name !== OURS && name !== OURS_TWICE);
  const operations = 2 * (ours.multiplyAdds ?? 0);
  return {
    seconds: median(ours.seconds),
    parameters: Object.fromEntries(Object.entries(times).map(([name, { parameters }]) => [name, parameters])),
    ratios: Object.fromEntries(peers.map((name) => [name, ratioTo(name)])),
    absent,
    peakShare: peaks.length > 0 ? operations / Math.min(...ours.seconds) / Math.max(...peaks) : null,
    twoThreads: times[OURS_TWICE] === undefined ? null : 1 / ratioTo(OURS_TWICE),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
