import { type ContextRows, firstPlaces, partsAhead, type RowSource, rowsAt } from '../data/rowSource.js';
import { PushforwardError } from '../errors.js';
import { type Tensor2D, tf } from '../tf.js';
import type { Trainable } from '../trainable.js';
import type { Flow } from './flow.js';

export interface FlowFactorOptions {
  readonly training: ContextRows;
  readonly validation: ContextRows;
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
 * A flow of rows as `fit` wants it, by its negative log-likelihood. What does not go through at once
 * goes in parts, whose gradients are added up. Layers that are initialised from data are so from the first rows.
 */
export class FlowFactor implements Trainable {
  readonly name = 'flow';
  readonly parameters;
  readonly #flow: Flow;
  readonly #options: Required<Omit<FlowFactorOptions, 'onValidated'>>;
  readonly #onValidated: (() => void) | undefined;
  readonly #partGradient: Float32Array;

  /** @throws PushforwardError `shape` for rows or a context of another width, `numeric` for rows that are not finite. */
  constructor(flow: Flow, { onValidated, ...options }: FlowFactorOptions) {
    this.#flow = flow;
    this.#options = { offset: 0, rowsAtOnce: 64, ...options };
    this.#onValidated = onValidated;
    this.parameters = flow.parameters;
    this.#partGradient = new Float32Array(flow.parameters.count);
    for (const { x, context } of [options.training, options.validation]) {
      if (x.width !== flow.dim) {
        throw new PushforwardError('shape', `rows of ${x.width} numbers for a flow of ${flow.dim}`);
      }
      const width = context?.width ?? 0;
      if (width === flow.contextDim) continue;
      throw new PushforwardError('shape', `a context of ${width} numbers for a flow of ${flow.contextDim}`);
    }
    tf.tidy(() => {
      const places = firstPlaces(Math.min(INITIAL_ROWS, options.training.x.rows));
      flow.initialiseFrom(...this.#batch(options.training, places));
    });
  }

  startEpoch(epoch: number): void {
    const { x, context } = this.#options.training;
    x.startEpoch?.(epoch);
    context?.startEpoch?.(epoch);
  }

  prefetch(rows: Int32Array): void {
    const { x, context } = this.#options.training;
    for (const part of this.#parts(rows)) {
      x.prefetch?.(part);
      context?.prefetch?.(part);
    }
  }

  valueAndGradient(rows: Int32Array, gradient: Float32Array): number {
    gradient.fill(0);
    let loss = 0;
    for (const part of this.#parts(rows)) {
      const { x, context } = this.#options.training;
      const given = context === undefined ? null : valuesAt(context, part);
      const share = part.length / rows.length;
      loss +=
        share * this.#flow.negativeLogLikelihoodAndGradient(valuesAt(x, part), given, this.#partGradient);
      this.#partGradient.forEach((slope, i) => {
        gradient[i] = (gradient[i] as number) + share * slope;
      });
    }
    return loss + this.#options.offset;
  }

  validationLoss(): number {
    const { validation, offset, rowsAtOnce } = this.#options;
    let sum = 0;
    for (const part of partsAhead(validation, firstPlaces(validation.x.rows), rowsAtOnce)) {
      sum += tf.tidy(
        () => tf.sum(this.#flow.logProb(...this.#batch(validation, part))).dataSync()[0] as number,
      );
    }
    this.#onValidated?.();
    return offset - sum / validation.x.rows;
  }

  locateNonFinite(rows: Int32Array): string {
    return tf.tidy(() => {
      const batch = this.#batch(this.#options.training, rows.subarray(0, this.#options.rowsAtOnce));
      return this.#flow.locateNonFinite(...batch) ?? 'the gradient of the log-density';
    });
  }

  #batch({ x, context }: ContextRows, places: Int32Array): [Tensor2D, Tensor2D?] {
    const rows = (source: RowSource) => rowsAt(source, places, [source.width]) as Tensor2D;
    return context === undefined ? [rows(x)] : [rows(x), rows(context)];
  }

  *#parts(rows: Int32Array): Generator<Int32Array> {
    const { rowsAtOnce } = this.#options;
    for (let first = 0; first < rows.length; first += rowsAtOnce) {
      yield rows.subarray(first, first + rowsAtOnce);
    }
  }
}

function valuesAt(source: RowSource, places: Int32Array): Float32Array {
  const values = new Float32Array(places.length * source.width);
  source.read(places, values);
  return values;
}
