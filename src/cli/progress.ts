import { describeSchema } from '../data/schemaText.js';
import { formatCount, formatNats } from '../report/numbers.js';
import type { FitEvent } from '../runs/types.js';
import type { CliContext } from './context.js';
import { LiveLine } from './liveLine.js';

type EpochEvent = Extract<FitEvent, { kind: 'epoch' }>;
type StepEvent = Extract<FitEvent, { kind: 'step' }>;

/** A row of the epoch table is printed at every tenth epoch, or when this many milliseconds have passed. */
const rowInterval = 5000;
const widths = [9, 12, 12, 10] as const;

/**
 * What a fit says while it runs, on stderr: the schema, then a table with some of its epochs, and on a
 * terminal below it one live line with a bar and the time left.
 */
export class FitProgress {
  readonly #now: () => number;
  readonly #live: LiveLine;
  #lastRow = Number.NEGATIVE_INFINITY;
  #header = false;
  #epoch: EpochEvent | undefined;

  constructor(context: CliContext) {
    this.#now = context.now;
    this.#live = new LiveLine(context);
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
    this.#live.line(text);
  }

  /** Leaves the terminal as a line of its own. */
  close(): void {
    this.#live.close();
  }

  #step({ done, total, epoch }: StepEvent): void {
    const parts = () => {
      const last = this.#epoch;
      const losses =
        last === undefined
          ? []
          : [`train ${formatNats(last.train)}`, `validation ${formatNats(last.validation)}`];
      return [`epoch ${epoch}`, ...losses];
    };
    // Stopping early makes it less.
    this.#live.update(done, total, parts, 'at most ');
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
}

function row(...cells: readonly [string, string, string, string]): string {
  return cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  ');
}
