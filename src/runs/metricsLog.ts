import { appendFile, readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../files.js';

/** `metrics.jsonl`: one JSON object an epoch, or of some steps, with its number by that name. */
export class MetricsLog<Counter extends 'epoch' | 'step' = 'epoch'> {
  readonly #path: string;
  readonly #counter: Counter;

  constructor(path: string, counter = 'epoch' as Counter) {
    this.#path = path;
    this.#counter = counter;
  }

  async append(record: Readonly<Record<Counter, number>>): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(record)}\n`);
  }

  /** Keeps the records up to and with number `last`: a resumed run writes the later ones again. */
  async truncate(last: number): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch {
      return;
    }
    const kept = text.split('\n').filter((line) => numberOf(line, this.#counter) <= last);
    await writeFileAtomic(this.#path, kept.map((line) => `${line}\n`).join(''));
  }
}

/** The number of a line, or Infinity for one that a crash cut short. */
function numberOf(line: string, counter: string): number {
  try {
    const number = (JSON.parse(line) as Record<string, unknown>)[counter];
    return typeof number === 'number' ? number : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
