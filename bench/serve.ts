/** A contender's side of the lines of JSON that bench/peers/peer.py describes. */
import { createInterface } from 'node:readline';

/** A task that is ready to be timed. */
export interface Prepared {
  run(): void;
  /** Trained numbers. */
  readonly parameters: number;
  /** What one run of the task needs of them. */
  readonly multiplyAdds: number;
  dispose(): void;
}

/** Runs before any is timed: so many at the least, and for as many seconds as asked for … */
const WARM_UPS = 3;
/** … but one where it takes so long: V8 has compiled what it calls. */
const WARM_MOST = 1;

/** Answers until the input ends. What cannot be prepared or fails in its first runs is absent, and why. */
export async function serve<R extends { readonly warmSeconds: number }>(
  ready: Readonly<Record<string, string>>,
  prepare: (request: R) => Prepared,
): Promise<void> {
  answer({ ready });
  let prepared: Prepared | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as R | { readonly repeats: number };
    if ('repeats' in request) {
      if (prepared === undefined) throw new Error('nothing is prepared');
      answer(timed(prepared, request.repeats));
      continue;
    }
    prepared?.dispose();
    prepared = undefined;
    const start = performance.now();
    const elapsed = () => (performance.now() - start) / 1000;
    try {
      prepared = prepare(request);
      let last = timed(prepared, 1);
      for (let i = 1; elapsed() < (i < WARM_UPS ? WARM_MOST : request.warmSeconds); i++)
        last = timed(prepared, 1);
      const { parameters, multiplyAdds } = prepared;
      answer({ parameters, multiplyAdds, warmUpSeconds: elapsed(), last });
    } catch (error) {
      answer({ absent: `it fails: ${error instanceof Error ? error.message : error}` });
    }
  }
}

export function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function timed(prepared: Prepared, repeats: number) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < repeats; i++) prepared.run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6 };
}
