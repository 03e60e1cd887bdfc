import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { OURS, OURS_TWICE } from './compare.js';
import { Contender } from './contender.js';
import { type Measured, measure } from './measure.js';
import type { BenchOptions } from './options.js';
import { ready } from './peers.js';

const OURS_SCRIPT = fileURLToPath(new URL('./ours.js', import.meta.url));
const PEAK_PROGRAM = fileURLToPath(new URL('../../build/peak_bench', import.meta.url));

/** One table of the benchmark: where it measures, whom beside ours, and what it says of it. */
export interface Section<P extends { readonly task: string }, L> {
  readonly places: readonly P[];
  readonly peers: readonly Contender[];
  readonly head: string;
  /** See `Rounds`. */
  readonly warmSeconds: number;
  lineOf(place: P, measured: Measured): L;
  rowOf(line: L): string;
}

/** What happens beside the measuring. */
export interface Listener<L> {
  versions(versions: Readonly<Record<string, string>>): void;
  skip(name: string, reason: string): void;
  line(line: L): void;
}

/** Measures at each place and prints the table, row by row. */
export async function runSection<P extends { readonly task: string }, L>(
  section: Section<P, L>,
  { threads, rounds, quick, clock }: BenchOptions,
  listener: Listener<L>,
): Promise<void> {
  const startOurs = async (name: string, count: number) => {
    const contender = new Contender(name, process.execPath, [OURS_SCRIPT, String(count)]);
    const { missing } = await contender.next();
    if (typeof missing === 'string') throw new Error(missing);
    return contender;
  };
  const ours = await startOurs(OURS, threads);
  const twice =
    threads === 1 && availableParallelism() > 1 && clock === 'wall' ? await startOurs(OURS_TWICE, 2) : null;
  let peak: Contender | undefined;
  if (existsSync(PEAK_PROGRAM)) peak = new Contender('peak', PEAK_PROGRAM, [String(threads)]);
  else listener.skip('peak', 'build/peak_bench is not built; `npm run bench` builds it');
  const peers = await ready(section.peers);
  listener.versions(peers.versions);
  for (const [name, reason] of Object.entries(peers.skipped)) listener.skip(name, reason);

  const lengths = {
    rounds,
    warmSeconds: quick ? 0.2 : section.warmSeconds,
    secondsEach: quick ? 0.03 : 0.15,
    secondsMost: quick ? 0.3 : 2,
    clock,
  };
  console.log(section.head);
  for (const place of section.places) {
    const contenders = [ours, ...peers.contenders];
    if (place.task === 'train' && twice !== null) contenders.push(twice);
    const line = section.lineOf(place, await measure(contenders, peak, place, lengths));
    listener.line(line);
    console.log(section.rowOf(line));
  }
  for (const contender of [ours, twice, peak, ...peers.contenders]) contender?.stop();
}
