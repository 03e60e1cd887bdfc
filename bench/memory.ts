import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** One law of memory: how much more of it one run may take than another, in bytes. */
export interface MemoryLaw {
  readonly name: string;
  /** Peak resident size of each, over that of the process before it had a flow. */
  readonly small: number;
  readonly large: number;
  readonly growth: number;
  /** What the larger one holds by necessity, and no other: parameters and moments, or input and output. */
  readonly due: number;
  readonly allowed: number;
}

const CHILD = fileURLToPath(new URL('./memoryChild.js', import.meta.url));
const DIM = 8;
const FLOAT = 4;
/** What the law leaves to the allocator, the collector and the plan's own sums. */
const SLACK = 16 * 2 ** 20;

/**
 * Depth: a training step of 4096 rows at 64 layers over one at 4 may grow by the parameters, their two
 * moments of Adam, and the slack. Rows: the densities of a million rows over those of a thousand may grow
 * by the input, the output and the slack.
 */
export async function measureMemory(): Promise<MemoryLaw[]> {
  const shallow = await peakOf('train', 4, 4096);
  const deep = await peakOf('train', 64, 4096);
  const few = await peakOf('logProb', 4, 1000);
  const many = await peakOf('logProb', 4, 1000000);
  return [
    law('train, 4 to 64 layers', shallow, deep, 3 * FLOAT * (deep.parameters - shallow.parameters)),
    law('logProb, 1,000 to 1,000,000 rows', few, many, FLOAT * (DIM + 1) * 999000),
  ];
}

interface Peak {
  readonly peak: number;
  readonly parameters: number;
}

function law(name: string, small: Peak, large: Peak, due: number): MemoryLaw {
  return {
    name,
    small: small.peak,
    large: large.peak,
    growth: large.peak - small.peak,
    due,
    allowed: due + SLACK,
  };
}

async function peakOf(task: 'train' | 'logProb', layers: number, rows: number): Promise<Peak> {
  // The smallest young generation: the collector's own room grows by megabytes, for no reason of the flow's.
  const parameters = ['--max-semi-space-size=1', CHILD, task, String(layers), String(rows)];
  const { stdout } = await promisify(execFile)(process.execPath, parameters);
  return JSON.parse(stdout) as Peak;
}

export function memoryTable(laws: readonly MemoryLaw[]): string {
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const rows = laws.map(({ name, small, large, growth, allowed }) => {
    const cells = [name, ...[small, large, growth, allowed].map(megabytes)];
    return `| ${[...cells, growth <= allowed ? 'holds' : 'broken'].join(' | ')} |`;
  });
  const head = '| peak resident size | small | large | growth | allowed | law |';
  return [head, '| --- | ---: | ---: | ---: | ---: | --- |', ...rows].join('\n');
}
