import type { Comparison } from './compare.js';

/** What stands in front of a row. */
interface Named {
  readonly configuration: string;
  readonly batch: number;
  readonly task: string;
}

/** The heading of a table with these peers, and its rule, in Markdown. */
export function head(peers: readonly string[]): string {
  const titles = ['configuration', 'batch', 'task', 'ours', ...peers, 'peak', '2 threads', 'bound'];
  return `${line(titles)}\n${line(titles.map((_, i) => (i === 0 || i === 2 ? '---' : '---:')))}`;
}

export function row(of: Named & Comparison, peers: readonly string[], bound: string | null): string {
  return line([
    of.configuration,
    String(of.batch),
    of.task,
    `${(of.seconds * 1000).toPrecision(3)} ms`,
    ...peers,
    of.peakShare === null ? '' : `${Math.round(100 * of.peakShare)} %`,
    of.twoThreads === null ? '' : `${of.twoThreads.toFixed(2)}x`,
    bound ?? '',
  ]);
}

/** How many times ours, as a cell. */
export function times(ratio: number | undefined): string {
  return ratio === undefined ? '' : `${ratio.toFixed(ratio < 100 ? 1 : 0)}x`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
