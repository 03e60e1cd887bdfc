import { describeSchema } from '../data/schemaText.js';
import { formatCount, formatNats, formatSeconds } from '../report/numbers.js';
import type { FitEvent } from '../runs/types.js';
import type { CliContext, Output } from './context.js';

type EpochEvent = Extract<FitEvent, { kind: 'epoch' }>;
type StepEvent = Extract<FitEvent, { kind: 'step' }>;

/** A row of the epoch table is printed at every tenth epoch, or when this many milliseconds have passed. */
const rowInterval = 5000;
/** A terminal's live line is drawn again at most this often, in milliseconds. */
const drawInterval = 100;
const barWidth = 20;
const widths = [9, 12, 12, 10] as const;

/**
 * What a fit says while it runs, on stderr: the schema, then a table with some of its epochs, and on a
 * terminal below it one live line with a bar and the time left.
 */
export class FitProgress {
  readonly #stream: Output;
  readonly #now: () => number;
  readonly #live: boolean;
  #drawn = false;
  #lastDraw = Number.NEGATIVE_INFINITY;
  #lastRow = Number.NEGATIVE_INFINITY;
  #header = false;
  #start: { readonly at: number; readonly done: number } | undefined;
  #epoch: EpochEvent | undefined;

  constructor(context: CliContext) {
    this.#stream = context.stderr;
    this.#now = context.now;
    this.#live = context.stderr.isTTY === true;
  }

  handle(event: FitEvent): void {
    switch (event.kind) {
      case 'table':
        this.line(`${event.source}: ${formatCount(event.rows)} rows`);
        this.line(describeSchema(event.schema));
        break;
      case 'warning':
        this.line(`pushforward: warning: ${event.message}`);
        break;
      case 'start':
        this.line(
          `fitting ${formatCount(event.parameters)} parameters${event.model === null ? '' : ` of ${event.model}`} ` +
            `on ${event.backend}: at most ` +
            `${formatCount(event.epochs)} epochs of ${formatCount(event.stepsPerEpoch)} steps`,
        );
        break;
      case 'step':
        this.#step(event);
        break;
      case 'epoch':
        this.#epochDone(event);
        break;
      case 'stage':
        this.line(event.message);
        break;
    }
  }

  /** Prints text above the live line. */
  line(text: string): void {
    this.#clear();
    this.#write(`${text}\n`);
  }

  /** Leaves the terminal as a line of its own. */
  close(): void {
    this.#clear();
  }

  #step(event: StepEvent): void {
    this.#start ??= { at: this.#now(), done: event.done };
    if (!this.#live || this.#now() - this.#lastDraw < drawInterval) return;
    this.#lastDraw = this.#now();
    const share = Math.min(1, event.done / event.total);
    const filled = Math.round(barWidth * share);
    const parts = [
      `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${String(Math.floor(100 * share)).padStart(3)} %`,
      `epoch ${event.epoch}`,
    ];
    if (this.#epoch !== undefined) {
      parts.push(
        `train ${formatNats(this.#epoch.train)}`,
        `validation ${formatNats(this.#epoch.validation)}`,
      );
    }
    const left = this.#timeLeft(event);
    if (left !== undefined) parts.push(`at most ${formatSeconds(left)} left`);
    this.#clear();
    this.#write(parts.join('  ').slice(0, (this.#stream.columns || 80) - 1));
    this.#drawn = true;
  }

  /** Seconds to the last epoch at the speed so far; stopping early makes it less. */
  #timeLeft(event: StepEvent): number | undefined {
    if (this.#start === undefined) return undefined;
    const done = event.done - this.#start.done;
    const seconds = (this.#now() - this.#start.at) / 1000;
    return done > 0 && seconds > 0.5 ? (seconds * (event.total - event.done)) / done : undefined;
  }

  #epochDone(event: EpochEvent): void {
    this.#epoch = event;
    const due = this.#now() - this.#lastRow >= rowInterval;
    if (event.epoch % 10 !== 0 && event.epoch !== event.epochs && !due) return;
    this.#lastRow = this.#now();
    if (!this.#header) this.line(row('epoch', 'train', 'validation', 'rows/s'));
    this.#header = true;
    this.line(
      row(
        `${event.epoch}/${event.epochs}`,
        formatNats(event.train),
        formatNats(event.validation),
        formatCount(Math.round(event.rowsPerSecond)),
      ) + (event.best ? '  best' : ''),
    );
  }

  #clear(): void {
    if (this.#drawn) this.#write('\r\u001b[K');
    this.#drawn = false;
  }

  /** Progress that cannot be written is lost, and the fit goes on. */
  #write(text: string): void {
    this.#stream.write(text, () => {});
  }
}

function row(...cells: readonly [string, string, string, string]): string {
  return cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
}
