import { firstPlaces, type RowSource, rowsAt } from '../data/rowSource.js';
import { PushforwardError } from '../errors.js';
import { type Tensor2D, tf } from '../tf.js';
import type { Trainable } from '../trainable.js';
import type { Flow } from './flow.js';

export interface FlowFactorOptions {
  readonly training: RowSource;
  readonly validation: RowSource;
  /** Nats that are added to every loss: of a change of units, say. Default 0. */
  readonly offset?: number;
  /** Rows that go through the flow at a time, which memory grows with. Default 64. */
  readonly rowsAtOnce?: number;
  /** Told when rows were validated, while the flow still has the weights that were. */
  readonly onValidated?: () => void;
}

/** Rows that layers which are initialised from data see, at most. */
const INITIAL_ROWS = 256;

/**
 * A flow of rows without context as `fit` wants it, by its negative log-likelihood. What does not go through at once
 * goes in parts, whose gradients are added up. Layers that are initialised from data are so from the first rows.
 */
export class FlowFactor implements Trainable {
  readonly name = 'flow';
  readonly parameters;
  readonly #flow: Flow;
  readonly #options: Required<Omit<FlowFactorOptions, 'onValidated'>>;
  readonly #onValidated: (() => void) | undefined;
  readonly #partGradient: Float32Array;

  /** @throws PushforwardError `shape` for rows of another width, `numeric` for rows that are not finite. */
  constructor(flow: Flow, { onValidated, ...options }: FlowFactorOptions) {
    this.#flow = flow;
    this.#options = { offset: 0, rowsAtOnce: 64, ...options };
    this.#onValidated = onValidated;
    this.parameters = flow.parameters;
    this.#partGradient = new Float32Array(flow.parameters.count);
    for (const { width } of [options.training, options.validation]) {
      if (width === flow.dim) continue;
      throw new PushforwardError('shape', `rows of ${width} numbers for a flow of ${flow.dim}`);
    }
    tf.tidy(() => {
      const places = firstPlaces(Math.min(INITIAL_ROWS, options.training.rows));
      flow.initialiseFrom(this.#rows(options.training, places));
    });
  }

  startEpoch(epoch: number): void {
    this.#options.training.startEpoch?.(epoch);
  }

  prefetch(rows: Int32Array): void {
    for (const part of this.#parts(rows)) this.#options.training.prefetch?.(part);
  }

  valueAndGradient(rows: Int32Array, gradient: Float32Array): number {
    gradient.fill(0);
    let loss = 0;
    for (const part of this.#parts(rows)) {
      const x = tf.tidy(() => this.#rows(this.#options.training, part).dataSync<'float32'>());
      const share = part.length / rows.length;
      loss += share * this.#flow.negativeLogLikelihoodAndGradient(x, null, this.#partGradient);
      this.#partGradient.forEach((slope, i) => {
        gradient[i] = (gradient[i] as number) + share * slope;
      });
    }
    return loss + this.#options.offset;
  }

  validationLoss(): number {
    const { validation, offset } = this.#options;
    let sum = 0;
    for (const part of this.#parts(firstPlaces(validation.rows))) {
      sum += tf.tidy(() => tf.sum(this.#flow.logProb(this.#rows(validation, part))).dataSync()[0] as number);
    }
    this.#onValidated?.();
    return offset - sum / validation.rows;
  }

  locateNonFinite(rows: Int32Array): string {
    return tf.tidy(() => {
      const x = this.#rows(this.#options.training, rows.subarray(0, this.#options.rowsAtOnce));
      return this.#flow.locateNonFinite(x) ?? 'the gradient of the log-density';
    });
  }

  #rows(source: RowSource, places: Int32Array): Tensor2D {
    return rowsAt(source, places, [source.width]) as Tensor2D;
  }

  *#parts(rows: Int32Array): Generator<Int32Array> {
    const { rowsAtOnce } = this.#options;
    for (let first = 0; first < rows.length; first += rowsAtOnce) {
      yield rows.subarray(first, first + rowsAtOnce);
    }
  }
}
