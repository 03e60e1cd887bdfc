import { parseArgs } from 'node:util';

export interface BenchOptions {
  readonly only: readonly string[];
  readonly peer: readonly string[];
  readonly json: string | undefined;
  readonly threads: number;
  readonly rounds: number;
  readonly quick: boolean;
  readonly clock: 'wall' | 'cpu';
  readonly help: boolean;
}

export const HELP = `npm run bench -- [options]: flows and networks against their peers, in one run

  --only NAME     a flow of bench/configurations.json, a network of bench/networks.json, or one of
                  flows, networks and memory for all of a kind; may be given again
  --peer NAME     compare with this one alone, such as torch or tfjsCpu; may be given again
  --json FILE     write everything measured there
  --threads N     of every contender; default 1
  --rounds N      each contender is timed once a round, and medians are taken; default 7
  --quick         3 rounds of short runs: whether it works, not how fast it is
  --clock NAME    wall (default), or cpu: the time of the process, for machines with other work on them
  --help

PUSHFORWARD_BENCH_PYTHON names the Python that has the peers; python3 of the path when it is not set.
PUSHFORWARD_BENCH_TFJS names the folder whose node_modules has the wasm backend of TensorFlow.js.
bench/README.md says how to set one up and how to read the table.`;

/**
 * `names` are what there is to choose from by --only, and `peers` by --peer.
 *
 * @throws Error with one line that says which option is wrong.
 */
export function parseOptions(
  given: readonly string[],
  names: readonly string[],
  peers: readonly string[] = [],
): BenchOptions {
  const { values } = parseArgs({
    args: [...given],
    allowPositionals: false,
    options: {
      only: { type: 'string', multiple: true },
      peer: { type: 'string', multiple: true },
      json: { type: 'string' },
      threads: { type: 'string', default: '1' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      clock: { type: 'string', default: 'wall' },
      help: { type: 'boolean', default: false },
    },
  });
  const { json, quick, clock, help } = values;
  const only = choice('only', values.only, names);
  const peer = choice('peer', values.peer, peers);
  if (clock !== 'wall' && clock !== 'cpu') throw new Error(`--clock ${clock}: there are wall, cpu`);
  return {
    only,
    peer,
    json,
    threads: count('threads', values.threads),
    rounds: count('rounds', values.rounds ?? (quick ? '3' : '7')),
    quick,
    clock,
    help,
  };
}

function choice(name: string, given: readonly string[] = [], names: readonly string[]): readonly string[] {
  const stranger = given.find((each) => !names.includes(each));
  if (stranger !== undefined) throw new Error(`--${name} ${stranger}: there are ${names.join(', ')}`);
  return given;
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 1 && value <= 256)) {
    throw new Error(`--${name} ${text}: a whole number from 1 to 256 is wanted`);
  }
  return value;
}
