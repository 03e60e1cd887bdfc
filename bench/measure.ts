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
  /** What ours needs for a run of the task. */
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
  /** How long a contender runs at the least before it is timed, unless one run takes that long. */
  readonly warmSeconds: number;
  /** About how long one run of a contender should take in a round. */
  readonly secondsEach: number;
  /** A contender that takes longer than this for one run is timed once, before the rounds. */
  readonly secondsMost: number;
  readonly clock: 'wall' | 'cpu';
}

/**
 * Times all contenders at one place in turn, round after round, so that the machine's noise falls on all
 * alike.
 */
export async function measure(
  contenders: readonly Contender[],
  peak: Contender | undefined,
  place: object,
  { rounds, warmSeconds, secondsEach, secondsMost, clock }: Rounds,
): Promise<Measured> {
  const absent: Record<string, string> = {};
  const entries: { contender: Contender; repeats: number; times: Times & { seconds: number[] } }[] = [];
  const secondsOf = ({ seconds, cpuSeconds }: Readonly<Record<string, unknown>>) =>
    (clock === 'wall' ? seconds : cpuSeconds) as number;
  for (const contender of contenders) {
    const answer = await contender.ask({ ...place, warmSeconds });
    if (typeof answer.absent === 'string') {
      absent[contender.name] = answer.absent;
      continue;
    }
    const first =
      (answer.last as Record<string, unknown> | undefined) ?? (await contender.ask({ repeats: 1 }));
    const isSlow = (first.seconds as number) > secondsMost;
    const repeats = Math.min(10000, Math.max(1, Math.round(secondsEach / (first.seconds as number))));
    entries.push({
      contender,
      repeats: isSlow ? 0 : repeats,
      times: {
        seconds: isSlow ? [secondsOf(first)] : [],
        parameters: answer.parameters as number,
        multiplyAdds: answer.multiplyAdds as number | undefined,
      },
    });
  }
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { contender, repeats, times } of entries) {
      if (repeats > 0) times.seconds.push(secondsOf(await contender.ask({ repeats })) / repeats);
    }
    if (peak !== undefined) peaks.push((await peak.ask({})).operationsPerSecond as number);
  }
  const times = Object.fromEntries(entries.map(({ contender, times }) => [contender.name, times]));
  return { times, absent, peaks };
}
