import type { ColumnTransforms } from '../../data/transforms.js';
import type { EncodedRows } from '../../data/types.js';
import type { Flow } from '../../flows/flow.js';
import { Random, streamOf } from '../../random.js';
import { type Tensor2D, tf } from '../../tf.js';
import type { Trainable } from '../../trainable.js';
import { dequantised, repeatRows } from '../dequantise.js';
import { isAbsent } from '../layout.js';
import type { FlowTableArchitecture } from './architecture.js';
import type { FlowTable } from './flowTable.js';

/** Noisy copies of each validation row, so that early stopping follows the fit and not the noise. */
const VALIDATION_COPIES = 4;
/** Rows that go through the flow at a time outside of training. */
const CHUNK = 8192;

/** Rows as the flow sees them after one draw of the dequantisation noise. */
interface PreparedRows {
  /** Transformed and filled numbers, [rows, d]. */
  readonly y: Float32Array;
  /** What the flow's negative log-likelihood of each row lacks to the raw units' one, in nats. */
  readonly correction: Float32Array;
}

/** The factor p(numbers | codes) of a table's law: a conditional flow on dequantised, transformed numbers. */
export class NumberFactor implements Trainable {
  readonly name = 'numbers';
  readonly parameters;
  readonly #flow: Flow;
  readonly #transforms: ColumnTransforms;
  readonly #architecture: FlowTableArchitecture;
  readonly #starts: readonly number[];
  readonly #training: EncodedRows;
  readonly #validation: EncodedRows;
  readonly #validationDraw: PreparedRows;
  #draw: PreparedRows;

  constructor(model: FlowTable, training: EncodedRows, validation: EncodedRows) {
    if (model.flow === null || model.transforms === null) throw new TypeError('the table has no numbers');
    this.#flow = model.flow;
    this.#transforms = model.transforms;
    this.#architecture = model.architecture;
    this.#starts = model.categories?.blocks.offsets ?? [];
    this.parameters = model.flow.parameters;
    this.#training = training;
    this.#validation = repeatRows(validation, VALIDATION_COPIES);
    this.#validationDraw = this.#prepare(this.#validation, streamOf('dequantise validation'));
    this.#draw = this.#prepare(training, streamOf('dequantise', 0));
  }

  /** Sets what depends on data (the scales of normalising layers) from the training rows. */
  initialise(): void {
    const rows = Int32Array.from({ length: Math.min(this.#training.rows, CHUNK) }, (_, row) => row);
    tf.tidy(() => {
      const { x, context } = this.#tensors(this.#draw, this.#training, rows);
      this.#flow.initialiseFrom(x, context);
    });
  }

  startEpoch(epoch: number): void {
    this.#draw = this.#prepare(this.#training, streamOf('dequantise', epoch));
  }

  valueAndGradient(rows: Int32Array, gradient: Float32Array): number {
    const { x, context } = this.#gather(this.#draw, this.#training, rows);
    const loss = this.#flow.negativeLogLikelihoodAndGradient(x, context, gradient);
    let correction = 0;
    for (const row of rows) correction += this.#draw.correction[row] as number;
    return loss + correction / rows.length;
  }

  validationLoss(): number {
    const { rows } = this.#validation;
    let sum = 0;
    for (let start = 0; start < rows; start += CHUNK) {
      const chunk = Int32Array.from({ length: Math.min(CHUNK, rows - start) }, (_, i) => start + i);
      sum += tf.tidy(() => {
        const { x, context } = this.#tensors(this.#validationDraw, this.#validation, chunk);
        return tf.sum(this.#flow.logProb(x, context)).dataSync()[0] as number;
      });
    }
    const correction = this.#validationDraw.correction.reduce((total, value) => total + value, 0);
    return (correction - sum) / rows;
  }

  locateNonFinite(rows: Int32Array): string {
    return tf.tidy(() => {
      const { x, context } = this.#tensors(this.#draw, this.#training, rows);
      return this.#flow.locateNonFinite(x, context) ?? 'the gradient of the log-density';
    });
  }

  /** One draw of noise for all rows: numbers spread over their cells, transformed; absent ones drawn from N(0, 1). */
  #prepare(rows: EncodedRows, stream: number): PreparedRows {
    const { numerics, seed } = this.#architecture;
    const d = numerics.length;
    const random = new Random(seed, stream);
    const { y, logDet } = dequantised(this.#architecture, this.#transforms, rows, random);
    const fill = random.normal(new Float32Array(numerics.some(({ state }) => state >= 0) ? y.length : 0));
    const correction = new Float32Array(rows.rows);
    for (let row = 0; row < rows.rows; row++) {
      let sum = 0;
      for (let j = 0; j < d; j++) {
        const i = row * d + j;
        if (isAbsent(this.#architecture, rows, row, j)) {
          const z = fill[i] as number;
          y[i] = z;
          // log q(z) of the auxiliary coordinate is taken off the joint density again.
          sum -= 0.5 * z * z + 0.5 * Math.log(2 * Math.PI);
        } else {
          sum -= logDet[i] as number;
        }
      }
      correction[row] = sum;
    }
    return { y, correction };
  }

  #gather(
    draw: PreparedRows,
    source: EncodedRows,
    rows: Int32Array,
  ): { x: Float32Array; context: Float32Array | null } {
    const d = this.#flow.dim;
    const width = this.#flow.contextDim;
    const variables = this.#starts.length;
    const x = new Float32Array(rows.length * d);
    const context = width === 0 ? null : new Float32Array(rows.length * width);
    rows.forEach((row, i) => {
      x.set(draw.y.subarray(row * d, (row + 1) * d), i * d);
      if (context === null) return;
      for (let k = 0; k < variables; k++) {
        context[i * width + (this.#starts[k] as number) + (source.codes[row * variables + k] as number)] = 1;
      }
    });
    return { x, context };
  }

  #tensors(draw: PreparedRows, source: EncodedRows, rows: Int32Array): { x: Tensor2D; context?: Tensor2D } {
    const { x, context } = this.#gather(draw, source, rows);
    const numbers = tf.tensor2d(x, [rows.length, this.#flow.dim]);
    return context === null
      ? { x: numbers }
      : { x: numbers, context: tf.tensor2d(context, [rows.length, this.#flow.contextDim]) };
  }
}
