import { appendFile, readFile } from 'node:fs/promises';
import { writeFileAtomic, writing } from '../files.js';

/** `metrics.jsonl`: one JSON object an epoch. */
export class MetricsLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async append<R extends { readonly epoch: number }>(record: R): Promise<void> {
    await writing(this.#path, () => appendFile(this.#path, `${JSON.stringify(record)}\n`));
  }

  /** Keeps the records up to and with `epoch`: a resumed run writes the later ones again. */
  async truncate(epoch: number): Promise<void> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch {
      return;
    }
    const kept = text.split('\n').filter((line) => epochOf(line) <= epoch);
    await writeFileAtomic(this.#path, kept.map((line) => `${line}\n`).join(''));
  }
}

/** The epoch of a line, or Infinity for one that a crash cut short. */
function epochOf(line: string): number {
  try {
    const { epoch } = JSON.parse(line) as { epoch?: unknown };
    return typeof epoch === 'number' ? epoch : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
