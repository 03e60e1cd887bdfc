/** `npm run bench`: flows against their peers in one run, as a table and as JSON. */
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Configuration, readConfigurations } from './configurations.js';
import { Contender } from './contender.js';
import { type Line, lineOf, OURS, OURS_TWICE, tableHead, tableRow } from './lines.js';
import { measure } from './measure.js';
import { measureMemory, memoryTable } from './memory.js';
import { type BenchOptions, HELP, parseOptions } from './options.js';
import { startPeers } from './peers.js';
import { PASSES, type Task } from './tasks.js';

const OURS_SCRIPT = fileURLToPath(new URL('./ours.js', import.meta.url));
const PEAK_PROGRAM = fileURLToPath(new URL('../../build/peak_bench', import.meta.url));

interface Report {
  readonly date: string;
  readonly machine: string;
  readonly options: BenchOptions;
  versions: Readonly<Record<string, string>>;
  skipped: Record<string, string>;
  lines: Line[];
  memory: Awaited<ReturnType<typeof measureMemory>>;
}

async function main(): Promise<void> {
  const configurations = readConfigurations();
  let options: BenchOptions;
  try {
    options = parseOptions(process.argv.slice(2), [...configurations.map(({ name }) => name), 'memory']);
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
    memory: [],
  };
  const isWanted = (name: string) => options.only.length === 0 || options.only.includes(name);
  const wanted = configurations.filter(({ name }) => isWanted(name));
  if (wanted.length > 0) await compare(wanted, options, report);
  if (isWanted('memory')) {
    report.memory = await measureMemory();
    console.log(`\n${memoryTable(report.memory)}`);
    save(report);
  }
}

async function compare(wanted: readonly Configuration[], options: BenchOptions, report: Report) {
  const { threads, rounds, quick, clock } = options;
  const skip = (name: string, reason: string) => {
    report.skipped[name] = reason;
    console.error(`bench: skipped ${name}: ${reason}`);
  };
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
  else skip('peak', 'build/peak_bench is not built; `npm run bench` builds it');
  const peers = await startPeers(process.env.PUSHFORWARD_BENCH_PYTHON || 'python3', threads);
  report.versions = peers.versions;
  for (const [name, reason] of Object.entries(peers.skipped)) skip(name, reason);

  const lengths = { rounds, secondsEach: quick ? 0.03 : 0.15, clock };
  console.log(tableHead());
  for (const configuration of wanted) {
    for (const batch of configuration.batches) {
      for (const task of Object.keys(PASSES) as Task[]) {
        const contenders = [ours, ...peers.contenders];
        if (task === 'train' && twice !== null) contenders.push(twice);
        const place = { configuration, batch, task };
        const line = lineOf(place, await measure(contenders, peak, place, lengths));
        report.lines.push(line);
        console.log(tableRow(line));
        save(report);
      }
    }
  }
  for (const contender of [ours, twice, peak, ...peers.contenders]) contender?.stop();
}

/** What there is so far: a long run that is cut short leaves its lines. */
function save(report: Report): void {
  const { json } = report.options;
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
}

await main();
