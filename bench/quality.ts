/**
 * `npm run bench:quality`: the test likelihoods of our presets beside those of peers with the same
 * architecture, fitted in the same way to the same rows. bench/README.md says how to read it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadAddon } from '../src/native/index.js';
import { spreadOf } from '../src/reproduce/spread.js';
import { Contender } from './contender.js';
import { type FitSettings, type Fitted, fitOurs, type ModelSettings } from './qualityFit.js';
import { type Parts, readRows, split } from './tables.js';

interface Settings extends FitSettings {
  readonly seeds: readonly number[];
  readonly tables: readonly { name: string; file: string; columns: number; rows: number }[];
  readonly models: readonly (ModelSettings & { peers: readonly string[] })[];
}

const HELP = `npm run bench:quality -- [options]: test likelihoods beside those of peers

  --table NAME   a table of bench/quality.json; may be given again
  --model NAME   nsf or maf; may be given again
  --peer NAME    nflows or zuko; may be given again
  --seeds N      how many of the seeds; default all
  --data FOLDER  where the tables are; default ../shared/data
  --json FILE    write everything measured there
  --help`;

const path = (name: string) => fileURLToPath(new URL(`../../bench/${name}`, import.meta.url));

/** Ours against one peer on one table: by seed, and the difference in nats (ours over theirs). */
interface Comparison {
  readonly table: string;
  readonly model: string;
  readonly peer: string;
  readonly ours: readonly Fitted[];
  readonly theirs: readonly Fitted[];
  readonly difference: number;
  /** Standard deviation of the difference over the seeds. */
  readonly spread: number;
}

async function main(): Promise<void> {
  const settings = JSON.parse(readFileSync(path('quality.json'), 'utf8')) as Settings;
  const { values: options } = parseArgs({
    options: {
      table: { type: 'string', multiple: true },
      model: { type: 'string', multiple: true },
      peer: { type: 'string', multiple: true },
      seeds: { type: 'string', default: String(settings.seeds.length) },
      data: { type: 'string', default: join(process.cwd(), '..', 'shared', 'data') },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) {
    console.log(HELP);
    return;
  }
  loadAddon()?.setThreads(1);
  const isWanted = (name: string, given: readonly string[] | undefined) => given?.includes(name) ?? true;
  const seeds = settings.seeds.slice(0, Number(options.seeds));
  const peer = await startPeer();
  const comparisons: Comparison[] = [];
  console.log('| table | model | ours, nats | peer | theirs, nats | ours over theirs | within 0.05 |');
  console.log('| --- | --- | ---: | --- | ---: | ---: | --- |');
  for (const table of settings.tables.filter(({ name }) => isWanted(name, options.table))) {
    const file = join(options.data, table.file);
    if (!existsSync(file)) {
      console.error(`bench: skipped ${table.name}: there is no ${file}`);
      continue;
    }
    const parts = split(readRows(file), table);
    const folder = writeParts(parts);
    for (const model of settings.models.filter(({ name }) => isWanted(name, options.model))) {
      const ours: Fitted[] = [];
      const names = peer === null ? [] : model.peers.filter((name) => isWanted(name, options.peer));
      const theirs = new Map<string, Fitted[]>(names.map((name) => [name, []]));
      for (const seed of seeds) {
        ours.push(fitOurs(parts, model, settings, seed));
        for (const [name, results] of theirs) {
          const answer = await peer?.ask({ peer: name, model, settings, folder, dim: parts.columns, seed });
          if (typeof answer?.error === 'string') throw new Error(`${name}, ${model.name}: ${answer.error}`);
          results.push(answer as unknown as Fitted);
        }
      }
      for (const [name, results] of theirs) {
        comparisons.push(compare(table.name, model.name, name, ours, results));
        console.log(rowOf(comparisons.at(-1) as Comparison));
      }
      if (theirs.size === 0)
        console.log(`| ${table.name} | ${model.name} | ${mean(tests(ours)).toFixed(3)} | | | | |`);
      if (options.json !== undefined)
        writeFileSync(options.json, `${JSON.stringify(comparisons, null, 2)}\n`);
    }
    rmSync(folder, { recursive: true });
  }
  peer?.stop();
}

async function startPeer(): Promise<Contender | null> {
  const python = process.env.PUSHFORWARD_BENCH_PYTHON || 'python3';
  const peer = new Contender('peers', python, [path('peers/quality.py')]);
  try {
    await peer.next();
    return peer;
  } catch (error) {
    console.error(`bench: skipped the peers: ${error instanceof Error ? error.message : error}`);
    return null;
  }
}

/** The three parts as raw float32 rows, for the peers to read. */
function writeParts({ train, validation, test }: Parts): string {
  const folder = mkdtempSync(join(tmpdir(), 'pushforward-quality-'));
  for (const [name, values] of Object.entries({ train, validation, test })) {
    writeFileSync(join(folder, `${name}.f32`), values);
  }
  return folder;
}

function compare(
  table: string,
  model: string,
  peer: string,
  ours: readonly Fitted[],
  theirs: readonly Fitted[],
): Comparison {
  const differences = ours.map(({ test }, i) => test - (theirs[i]?.test ?? Number.NaN));
  const { ours: difference, spread = 0 } = spreadOf(differences);
  return { table, model, peer, ours, theirs, difference, spread };
}

function rowOf({ table, model, peer, ours, theirs, difference, spread }: Comparison): string {
  const cells = [
    table,
    model,
    mean(tests(ours)).toFixed(3),
    peer,
    mean(tests(theirs)).toFixed(3),
    `${difference.toFixed(3)} ± ${spread.toFixed(3)}`,
    difference >= -0.05 ? 'yes' : 'no',
  ];
  return `| ${cells.join(' | ')} |`;
}

function tests(fits: readonly Fitted[]): number[] {
  return fits.map(({ test }) => test);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
