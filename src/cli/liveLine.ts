import { formatSeconds } from '../report/numbers.js';
import type { CliContext, Output } from './context.js';

/** A terminal's live line is drawn again at most this often, in milliseconds. */
const drawInterval = 100;
const barWidth = 20;

/** Lines of text on stderr and, on a terminal, one live line below them with a bar and the time left. */
export class LiveLine {
  readonly isLive: boolean;
  readonly #stream: Output;
  readonly #now: () => number;
  #drawn = false;
  #lastDraw = Number.NEGATIVE_INFINITY;
  #start: { readonly at: number; readonly done: number } | undefined;

  constructor({ stderr, now }: Pick<CliContext, 'stderr' | 'now'>) {
    this.#stream = stderr;
    this.#now = now;
    this.isLive = stderr.isTTY === true;
  }

  /** Prints text above the live line. */
  line(text: string): void {
    this.close();
    this.#write(`${text}\n`);
  }

  /** Takes the live line away. */
  close(): void {
    if (this.#drawn) this.#write('\r\u001b[K');
    this.#drawn = false;
  }

  /** Draws the live line: a bar, then `parts`, then the time left, after the words `atMost` where it may be less. */
  update(done: number, total: number, parts: () => readonly string[], atMost = ''): void {
    this.#start ??= { at: this.#now(), done };
    if (!this.isLive || this.#now() - this.#lastDraw < drawInterval) return;
    this.#lastDraw = this.#now();
    const share = Math.min(1, done / total);
    const filled = Math.round(barWidth * share);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${String(Math.floor(100 * share)).padStart(3)} %`;
    const left = this.#timeLeft(done, total);
    const texts = [bar, ...parts(), ...(left === undefined ? [] : [`${atMost}${formatSeconds(left)} left`])];
    this.close();
    this.#write(texts.join('  ').slice(0, (this.#stream.columns || 80) - 1));
    this.#drawn = true;
  }

  /** Seconds to the end at the speed so far. */
  #timeLeft(done: number, total: number): number | undefined {
    if (this.#start === undefined) return undefined;
    const since = done - this.#start.done;
    const seconds = (this.#now() - this.#start.at) / 1000;
    return since > 0 && seconds > 0.5 ? (seconds * (total - done)) / since : undefined;
  }

  /** Progress that cannot be written is lost, and the work goes on. */
  #write(text: string): void {
    this.#stream.write(text, () => {});
  }
}
