/** `npm run bench`: flows and networks against their peers in one run, as tables and as JSON. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { readConfigurations } from './configurations.js';
import { type Line, lineOf, tableHead, tableRow } from './lines.js';
import type { Place } from './measure.js';
import { measureMemory, memoryTable } from './memory.js';
import { readNetworks } from './networks/configurations.js';
import {
  type NetworkLine,
  networkHead,
  networkLineOf,
  networkRow,
  placeOf,
  TFJS,
  TORCH,
} from './networks/lines.js';
import { type BenchOptions, HELP, parseOptions } from './options.js';
import { COMPILED, EAGER, pythonPeer, tfjsPeer } from './peers.js';
import { runSection, type Section } from './section.js';
import { PASSES, type Task } from './tasks.js';

/** Seconds. A flow is one call of the addon, a network hundreds of functions that V8 has to compile. */
const FLOWS_WARM = 0.2;
const NETWORKS_WARM = 2;

interface Report {
  readonly date: string;
  readonly machine: string;
  readonly options: BenchOptions;
  readonly versions: Record<string, string>;
  readonly skipped: Record<string, string>;
  readonly lines: Line[];
  readonly networks: NetworkLine[];
  memory: Awaited<ReturnType<typeof measureMemory>>;
}

async function main(): Promise<void> {
  const flows = readConfigurations();
  const networks = readNetworks();
  let options: BenchOptions;
  try {
    const names = [...flows, ...networks].map(({ name }) => name);
    options = parseOptions(
      process.argv.slice(2),
      [...names, 'flows', 'networks', 'memory'],
      [...EAGER, ...COMPILED, ...TFJS],
    );
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
    return;
  }
  if (options.help) {
    console.log(HELP);
    return;
  }
  const report: Report = {
    date: new Date().toISOString(),
    machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} processors`,
    options,
    versions: {},
    skipped: {},
    lines: [],
    networks: [],
    memory: [],
  };
  const { only, peer, threads } = options;
  const isWanted = (...names: string[]) => only.length === 0 || names.some((name) => only.includes(name));
  const isPeer = (name: string) => peer.length === 0 || peer.includes(name);
  const python = (names: readonly string[]) => names.filter(isPeer).map((name) => pythonPeer(name, threads));

  const flowPlaces = flows
    .filter(({ name }) => isWanted(name, 'flows'))
    .flatMap((configuration) =>
      configuration.batches.flatMap((batch) =>
        (Object.keys(PASSES) as Task[]).map((task): Place => ({ configuration, batch, task })),
      ),
    );
  if (flowPlaces.length > 0) {
    const peers = python([...EAGER, ...COMPILED]);
    const section = {
      places: flowPlaces,
      peers,
      head: tableHead(),
      warmSeconds: FLOWS_WARM,
      lineOf,
      rowOf: tableRow,
    };
    await compare(section, report, report.lines);
  }
  const networkPlaces = networks.filter(({ name }) => isWanted(name, 'networks')).map(placeOf);
  if (networkPlaces.length > 0) {
    if (flowPlaces.length > 0) console.log();
    const peers = [...python(TORCH), ...TFJS.filter(isPeer).map(tfjsPeer)];
    const section = {
      places: networkPlaces,
      peers,
      head: networkHead(),
      warmSeconds: NETWORKS_WARM,
      lineOf: networkLineOf,
      rowOf: networkRow,
    };
    await compare(section, report, report.networks);
  }
  if (isWanted('memory')) {
    report.memory = await measureMemory();
    console.log(`\n${memoryTable(report.memory)}`);
    save(report);
  }
}

async function compare<P extends { readonly task: string }, L>(
  section: Section<P, L>,
  report: Report,
  lines: L[],
): Promise<void> {
  await runSection(section, report.options, {
    versions: (versions) => Object.assign(report.versions, versions),
    skip: (name, reason) => {
      if (name in report.skipped) return;
      report.skipped[name] = reason;
      console.error(`bench: skipped ${name}: ${reason}`);
    },
    line: (line) => {
      lines.push(line);
      save(report);
    },
  });
}

/** What there is so far: a long run that is cut short leaves its lines. */
function save(report: Report): void {
  const { json } = report.options;
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
}

await main();
