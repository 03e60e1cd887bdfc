import type { Configuration } from './configurations.js';
import type { Contender } from './contender.js';
import type { Task } from './tasks.js';

/** Where a line stands: a configuration, a batch size and a task. */
export interface Place {
  readonly configuration: Configuration;
  readonly batch: number;
  readonly task: Task;
}

/** One contender's times for one place: seconds of one run of the task, by round. */
export interface Times {
  readonly seconds: readonly number[];
  readonly parameters: number;
  /** What ours needs for a pass over a row. */
  readonly multiplyAdds: number | undefined;
}

export interface Measured {
  readonly times: Readonly<Record<string, Times>>;
  /** Name and reason of those that do not have this architecture or this task. */
  readonly absent: Readonly<Record<string, string>>;
  /** Operations a second of the machine's multiply-add peak, by round. */
  readonly peaks: readonly number[];
}

export interface Rounds {
  readonly rounds: number;
  /** About how long one run of a contender should take in a round. */
  readonly secondsEach: number;
  readonly clock: 'wall' | 'cpu';
}

/** Times all contenders in turn, round after round, so that the machine's noise falls on all alike. */
export async function measure(
  contenders: readonly Contender[],
  peak: Contender | undefined,
  place: Place,
  { rounds, secondsEach, clock }: Rounds,
): Promise<Measured> {
  const absent: Record<string, string> = {};
  const entries: { contender: Contender; repeats: number; times: Times & { seconds: number[] } }[] = [];
  for (const contender of contenders) {
    const answer = await contender.ask(place);
    if (typeof answer.absent === 'string') {
      absent[contender.name] = answer.absent;
      continue;
    }
    const first = await contender.ask({ repeats: 1 });
    const repeats = Math.min(10000, Math.max(1, Math.round(secondsEach / (first.seconds as number))));
    const multiplyAdds = answer.multiplyAdds as number | undefined;
    const times = { seconds: [], parameters: answer.parameters as number, multiplyAdds };
    entries.push({ contender, repeats, times });
  }
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { contender, repeats, times } of entries) {
      const { seconds, cpuSeconds } = await contender.ask({ repeats });
      times.seconds.push(((clock === 'wall' ? seconds : cpuSeconds) as number) / repeats);
    }
    if (peak !== undefined) peaks.push((await peak.ask({})).operationsPerSecond as number);
  }
  const times = Object.fromEntries(entries.map(({ contender, times }) => [contender.name, times]));
  return { times, absent, peaks };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
