import {
  allRows,
  type ContextRows,
  firstPlaces,
  partsAhead,
  type RowSource,
  rowsAt,
} from '../data/rowSource.js';
import { PushforwardError } from '../errors.js';
import { refreshBatchStatistics } from '../nn/batchStatistics.js';
import { VariableStore } from '../ops/variableStore.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import type { Measures, Trainable } from '../trainable.js';
import { normalNoise } from './elbo.js';
import { klWeight, lossesOf } from './objective.js';
import type { Vae } from './vae.js';

export interface VaeFactorOptions {
  readonly training: ContextRows;
  readonly validation: ContextRows;
  /** Of the posterior draws. Default 0. */
  readonly seed?: number;
  /** Told when rows were validated, while the model still has the weights that were. */
  readonly onValidated?: () => void;
}

/** Rows whose values are checked at once. */
const CHECKED_ROWS = 64;
/** Rows that running statistics and measures are taken over, at most. */
const MEASURED_ROWS = 2000;

/**
 * A VAE as `fit` wants it: what it minimises is the model's objective. A batch that does not fit into memory
 * with all its draws goes through in parts, whose gradients are added up; batch statistics and free bits are
 * then those of the parts.
 *
 * Batch normalisation goes by the statistics of the batch in a step. Before each validation its running
 * statistics are made those of the first training rows under the weights at hand (see
 * `refreshBatchStatistics`), and all else goes by these; `finish` does so for the weights that a fit ends with.
 *
 * The validation loss is the objective with the KL divergence at its full weight and always the same draws.
 */
export class VaeFactor implements Trainable {
  readonly name = 'vae';
  readonly parameters: VariableStore;
  readonly #vae: Vae;
  readonly #training: ContextRows;
  readonly #validation: ContextRows;
  readonly #seed: number;
  readonly #onValidated: (() => void) | undefined;
  #random: Random;
  #epoch = 0;
  #rowsDone = 0;
  #measures: Measures = {};

  /** @throws PushforwardError `shape` for rows of other widths or numbers, `input` for values that the likelihood is no law of. */
  constructor(vae: Vae, { training, validation, seed = 0, onValidated }: VaeFactorOptions) {
    this.#vae = vae;
    this.#training = training;
    this.#validation = validation;
    this.#seed = seed;
    this.#onValidated = onValidated;
    this.#random = new Random(seed, streamOf('posterior', 0));
    this.parameters = new VariableStore(vae.variables);
    this.#check('the training rows', training);
    this.#check('the validation rows', validation);
  }

  startEpoch(epoch: number): void {
    this.#epoch = epoch;
    this.#rowsDone = 0;
    this.#random = new Random(this.#seed, streamOf('posterior', epoch));
    this.#training.x.startEpoch?.(epoch);
    this.#training.context?.startEpoch?.(epoch);
  }

  prefetch(rows: Int32Array): void {
    const { x, context } = this.#training;
    this.#inParts(rows, (part) => {
      x.prefetch?.(part);
      context?.prefetch?.(part);
    });
  }

  valueAndGradient(rows: Int32Array, gradient: Float32Array): number {
    const { objective } = this.#vae;
    const epochs = this.#epoch - 1 + this.#rowsDone / this.#training.x.rows;
    const weight = klWeight(objective, epochs);
    const isOnePart = rows.length <= this.#rowsAtOnce();
    if (!isOnePart) gradient.fill(0);
    let loss = 0;
    this.#inParts(rows, (part) => {
      const share = part.length / rows.length;
      const batch = this.#batch(this.#training, part, this.#random);
      const step = () => lossesOf(this.#vae.latentModel, objective, batch, weight, true).loss;
      loss += isOnePart
        ? this.parameters.takeGradient(step, gradient)
        : share * this.parameters.addGradient(step, gradient, share);
    });
    this.#rowsDone += rows.length;
    return loss;
  }

  validationLoss(): number {
    this.finish();
    const { objective, latentModel } = this.#vae;
    const random = new Random(this.#seed, streamOf('validation'));
    const sums = { loss: 0, reconstruction: 0, kl: 0 };
    const rows = firstPlaces(this.#validation.x.rows);
    for (const part of partsAhead(this.#validation, rows, this.#rowsAtOnce())) {
      tf.tidy(() => {
        const batch = this.#batch(this.#validation, part, random);
        const losses = lossesOf(latentModel, objective, batch, objective.beta);
        for (const name of ['loss', 'reconstruction', 'kl'] as const) {
          sums[name] += ((losses[name].dataSync()[0] as number) * part.length) / rows.length;
        }
      });
    }
    this.#measures = { reconstruction: sums.reconstruction, kl: sums.kl, ...this.#latentMeasures() };
    this.#onValidated?.();
    return sums.loss;
  }

  /** Of the last validation: parts of the bound, active units, KL divergence by dimension; in nats a row. */
  measures(): Measures {
    return this.#measures;
  }

  /** Makes the running statistics of batch normalisation those of the weights that the model has now. */
  finish(): void {
    const { encoder, decoder } = this.#vae.latentModel;
    const random = new Random(this.#seed, streamOf('statistics'));
    const parts: Int32Array[] = [];
    this.#inParts(firstPlaces(Math.min(MEASURED_ROWS, this.#training.x.rows)), (part) => parts.push(part));
    refreshBatchStatistics([encoder.model, decoder.model], parts.length, (k) => {
      tf.tidy(() => {
        const { x, noise, context } = this.#batch(this.#training, parts[k] as Int32Array, random);
        this.#vae.latentModel.terms(x, noise, context, true);
      });
    });
  }

  locateNonFinite(rows: Int32Array): string {
    const parameter = this.parameters.nonFinite();
    if (parameter !== null) return `parameter ${parameter}`;
    return tf.tidy(() => {
      const part = rows.slice(0, this.#rowsAtOnce());
      const { x, noise, context } = this.#batch(this.#training, part, new Random(this.#seed));
      const { moments, reconstruction, logPrior } = this.#vae.latentModel.terms(x, noise, context, true);
      const places: [string, Tensor][] = [
        ['the rows that enter the encoder', x],
        ["the encoder's means", moments.mean],
        ["the encoder's log-variances", moments.logVariance],
        ['the log-density of the prior', logPrior],
        ['the likelihood, or the decoder before it', reconstruction],
      ];
      const place = places.find(([, values]) => !values.dataSync().every(Number.isFinite));
      return place?.[0] ?? 'the gradient of the bound';
    });
  }

  #latentMeasures(): Measures {
    return tf.tidy(() => {
      const rows = firstPlaces(Math.min(MEASURED_ROWS, this.#validation.x.rows));
      const { x, context } = this.#batch(this.#validation, rows, null);
      const { activeUnits, klPerDimension } = this.#vae.latentStatistics(x, context);
      return { activeUnits, ...(klPerDimension === null ? {} : { klPerDimension }) };
    });
  }

  #batch(
    { x, context }: ContextRows,
    places: Int32Array,
    random: Random | null,
  ): { x: Tensor; context: Tensor2D | undefined; noise: Tensor2D } {
    const { shape, latentDim, objective } = this.#vae;
    return {
      x: rowsAt(x, places, shape),
      context: context && (rowsAt(context, places, [context.width]) as Tensor2D),
      noise:
        random === null
          ? tf.zeros([0, latentDim])
          : normalNoise(random, places.length * objective.samples, latentDim),
    };
  }

  #inParts(rows: Int32Array, body: (part: Int32Array) => void): void {
    const size = this.#rowsAtOnce();
    for (let first = 0; first < rows.length; first += size) {
      tf.tidy(() => body(rows.subarray(first, first + size)));
    }
  }

  #rowsAtOnce(): number {
    return Math.max(1, Math.floor(this.#vae.latentModel.rowsAtOnce / this.#vae.objective.samples));
  }

  #check(where: string, { x, context }: ContextRows): void {
    const { shape, latentModel } = this.#vae;
    const wrong = (what: string) => new PushforwardError('shape', what, { where });
    const width = tf.util.sizeFromShape([...shape]);
    if (x.rows === 0) throw new PushforwardError('input', 'there are none', { where });
    if (x.width !== width) throw wrong(`rows of ${x.width} numbers for a model of ${width}`);
    const given = context === undefined ? '0 numbers' : `${context.width} numbers for ${context.rows} rows`;
    const wanted =
      latentModel.contextDim === 0 ? '0 numbers' : `${latentModel.contextDim} numbers for ${x.rows} rows`;
    if (given !== wanted) throw wrong(`a context of ${given} where it should be of ${wanted}`);
    this.#checkSupport(where, x);
  }

  #checkSupport(where: string, x: RowSource): void {
    const { support, kind } = this.#vae.latentModel.likelihood;
    for (const { first, values } of allRows(x, CHECKED_ROWS)) {
      const at = values.findIndex((value) => !isWithin(value, support));
      if (at < 0) continue;
      const bad = values[at];
      const row = first + Math.floor(at / x.width);
      const range = support === null ? 'finite numbers' : `numbers from ${support.low} to ${support.high}`;
      const steps = support?.step === undefined ? '' : ` in steps of ${Number(support.step.toPrecision(6))}`;
      throw new PushforwardError('input', `${bad} is no value of the likelihood ${kind}`, {
        where: `${where}, row ${row}`,
        mend: `scale the data to ${range}${steps}, or take another likelihood`,
      });
    }
  }
}

/** Rounding that a value on a grid may have had, in steps. */
const GRID_SLACK = 1e-3;

function isWithin(value: number, support: { low: number; high: number; step?: number } | null): boolean {
  if (support === null) return Number.isFinite(value);
  if (!(value >= support.low && value <= support.high)) return false;
  if (support.step === undefined) return true;
  const steps = (value - support.low) / support.step;
  return Math.abs(steps - Math.round(steps)) < GRID_SLACK;
}
