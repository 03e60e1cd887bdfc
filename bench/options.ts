import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly threads: number;
  readonly rounds: number;
  readonly quick: boolean;
  readonly clock: 'wall' | 'cpu';
  readonly help: boolean;
}

export const HELP = `npm run bench -- [options]: flows against their peers, in one run

  --only NAME     a configuration of bench/configurations.json, or memory; may be given again
  --json FILE     write everything measured there
  --threads N     of every contender; default 1
  --rounds N      each contender is timed once a round, and medians are taken; default 7
  --quick         3 rounds of short runs: whether it works, not how fast it is
  --clock NAME    wall (default), or cpu: the time of the process, for machines with other work on them
  --help

PUSHFORWARD_BENCH_PYTHON names the Python that has the peers; python3 of the path when it is not set.
bench/README.md says how to set one up and how to read the table.`;

/** @throws Error with one line that says which option is wrong. */
export function parseOptions(given: readonly string[], names: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...given],
    allowPositionals: false,
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'string' },
      threads: { type: 'string', default: '1' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      clock: { type: 'string', default: 'wall' },
      help: { type: 'boolean', default: false },
    },
  });
  const { json, quick, clock, help } = values;
  const only = values.only ?? [];
  const stranger = only.find((name) => !names.includes(name));
  if (stranger !== undefined) throw new Error(`--only ${stranger}: there are ${names.join(', ')}`);
  if (clock !== 'wall' && clock !== 'cpu') throw new Error(`--clock ${clock}: there are wall, cpu`);
  return {
    only,
    json,
    threads: count('threads', values.threads),
    rounds: count('rounds', values.rounds ?? (quick ? '3' : '7')),
    quick,
    clock,
    help,
  };
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= 256)) {
    throw new Error(`--${name} ${text}: a whole number from 1 to 256 is wanted`);
  }
  return value;
}
