import { describeSchema } from '../data/schemaText.js';
import { describeImageShape } from '../imageShape.js';
import { formatCount, formatNats, formatSeconds } from '../report/numbers.js';
import type { FitEvent } from '../runs/types.js';
import type { CliContext } from './context.js';
import { LiveLine } from './liveLine.js';

type EpochEvent = Extract<FitEvent, { kind: 'epoch' }>;
type StepEvent = Extract<FitEvent, { kind: 'step' }>;

/** Off a terminal the time left is told once, when so many milliseconds have shown it, where it is so many seconds. */
const showing = 2000;
const leastTold = 10;
/** A row of the epoch table is printed at every tenth epoch, or when this many milliseconds have passed. */
const rowInterval = 5000;
const epochWidth = 9;
const figureWidth = 12;
const rateWidth = 10;

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
  #start: { readonly at: number; readonly epoch: number } | undefined;
  #isTimeTold = false;
  /** What the rows of the data are. */
  #rows = 'rows';

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
      case 'images':
        this.#rows = 'images';
        this.line(
          `${event.source}: ${formatCount(event.images)} images of ${describeImageShape(event.shape)}`,
        );
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
        this.#start ??= { at: this.#now(), epoch: event.epoch - 1 };
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
      const figures = Object.entries(this.#epoch?.figures ?? {});
      return [`epoch ${epoch}`, ...figures.map(([name, value]) => `${name} ${formatFigure(value)}`)];
    };
    // Stopping early makes it less.
    this.#live.update(done, total, parts, 'at most ');
  }

  /** What the bar of a terminal says all the time. */
  #tellTime({ epoch, epochs }: EpochEvent): void {
    if (this.#live.isLive || this.#isTimeTold || this.#start === undefined) return;
    const milliseconds = this.#now() - this.#start.at;
    if (milliseconds < showing) return;
    this.#isTimeTold = true;
    const left = (milliseconds / 1000 / (epoch - this.#start.epoch)) * (epochs - epoch);
    if (left >= leastTold) this.line(`at most ${formatSeconds(left)} left at this speed`);
  }

  #epochDone(event: EpochEvent): void {
    this.#epoch = event;
    this.#tellTime(event);
    const due = this.#now() - this.#lastRow >= rowInterval;
    if (event.epoch % 10 !== 0 && event.epoch !== event.epochs && !due) return;
    this.#lastRow = this.#now();
    const figures = Object.entries(event.figures);
    if (!this.#header)
      this.line(
        row(
          'epoch',
          figures.map(([name]) => name),
          `${this.#rows}/s`,
        ),
      );
    this.#header = true;
    this.line(
      row(
        `${event.epoch}/${event.epochs}`,
        figures.map(([, value]) => formatFigure(value)),
        formatCount(Math.round(event.rowsPerSecond)),
      ) + (event.best ? '  best' : ''),
    );
  }
}

/** A count as it is, other figures to three decimals. */
function formatFigure(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : formatNats(value);
}

function row(epoch: string, figures: readonly string[], rate: string): string {
  const cells = figures.map((figure) => figure.padStart(figureWidth));
  return [epoch.padStart(epochWidth), ...cells, rate.padStart(rateWidth)].join('  ');
}
