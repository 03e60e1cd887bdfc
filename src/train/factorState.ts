import { PushforwardError } from '../errors.js';
import { adamStep } from '../ops/adam.js';
import { updateRunningMean } from '../ops/runningMean.js';
import type { Trainable } from '../trainable.js';
import { cosineRate } from './schedule.js';
import type { TrainOptions } from './trainOptions.js';

/** The numbers of a factor that a checkpoint keeps beside its arrays. */
export interface FactorCounters {
  /** Updates made. */
  step: number;
  /** Least validation loss so far in nats, and the epoch that had it (0: before the first). */
  bestLoss: number;
  bestEpoch: number;
  stopped: boolean;
  /** Halved at each non-finite loss. */
  rateFactor: number;
  failures: number;
}

/** The state of the optimizer that a failed epoch goes back to. */
interface Snapshot {
  readonly average: Float32Array;
  readonly values: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly step: number;
}

/** An improvement below this many nats is noise and does not reset the patience. */
const LEAST_IMPROVEMENT = 1e-4;
/** Epochs over which weights are averaged, about: it takes the noise of the last batches out of them. */
const AVERAGED_EPOCHS = 2;
/** Non-finite losses after which halving the learning rate is no longer the answer. */
const MOST_FAILURES = 5;

/** One factor's parameters, optimizer moments, best weights and early-stopping count. */
export class FactorState {
  readonly trainable: Trainable;
  readonly counters: FactorCounters;
  readonly values: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Running mean of the weights, which is what is validated and kept. */
  readonly average: Float32Array;
  readonly best: Float32Array;
  readonly #gradient: Float32Array;
  readonly #options: TrainOptions;
  readonly #totalSteps: number;
  readonly #averagedSteps: number;
  #snapshot: Snapshot;

  constructor(trainable: Trainable, options: TrainOptions) {
    this.trainable = trainable;
    this.#options = options;
    const stepsPerEpoch = Math.ceil(options.rows / options.batchSize);
    this.#totalSteps = options.epochs * stepsPerEpoch;
    this.#averagedSteps = AVERAGED_EPOCHS * stepsPerEpoch;
    this.values = trainable.parameters.values();
    const count = this.values.length;
    this.m = new Float32Array(count);
    this.v = new Float32Array(count);
    this.average = this.values.slice();
    this.best = this.values.slice();
    this.#gradient = new Float32Array(count);
    this.counters = {
      step: 0,
      bestLoss: trainable.validationLoss(),
      bestEpoch: 0,
      stopped: false,
      rateFactor: 1,
      failures: 0,
    };
    this.#snapshot = this.#takeSnapshot();
  }

  startEpoch(epoch: number): void {
    this.#snapshot = this.#takeSnapshot();
    this.trainable.startEpoch(epoch);
  }

  learningRate(): number {
    const { step, rateFactor } = this.counters;
    return rateFactor * cosineRate(this.#options.learningRate, step + 1, this.#totalSteps);
  }

  /**
   * One update. Gives the loss in nats and the gradient's norm, or, where either is not finite, the
   * sentence that names step and layer; the state is then back at the start of the epoch with half
   * the learning rate.
   * @throws PushforwardError `numeric` at the fifth time.
   */
  update(rows: Int32Array): { loss: number; norm: number } | { failure: string } {
    const loss = this.trainable.valueAndGradient(rows, this.#gradient);
    const step = this.counters.step + 1;
    const norm = Number.isFinite(loss)
      ? adamStep(this.values, this.#gradient, this.m, this.v, {
          learningRate: this.learningRate(),
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          weightDecay: this.#options.weightDecay,
          step,
          clipNorm: this.#options.clipNorm,
        })
      : Number.NaN;
    if (!Number.isFinite(norm)) return { failure: this.#fail(rows, step, loss) };
    this.counters.step = step;
    // The exponential mean (Polyak and Juditsky 1992 in its running form), which forgets the first steps sooner.
    updateRunningMean(this.average, this.values, Math.max(1 / this.#averagedSteps, 1 / step));
    this.trainable.parameters.assign(this.values);
    return { loss, norm };
  }

  /** Validates the averaged weights; says whether they are the best so far, and stops a factor whose patience is over. */
  endEpoch(epoch: number): { loss: number; best: boolean } {
    this.trainable.parameters.assign(this.average);
    const loss = this.trainable.validationLoss();
    this.trainable.parameters.assign(this.values);
    const best = loss < this.counters.bestLoss - LEAST_IMPROVEMENT;
    if (best) {
      this.counters.bestLoss = loss;
      this.counters.bestEpoch = epoch;
      this.best.set(this.average);
    } else if (epoch - this.counters.bestEpoch >= this.#options.patience) {
      this.counters.stopped = true;
    }
    return { loss, best };
  }

  /** Puts the best weights into the model. */
  finish(): void {
    this.trainable.parameters.assign(this.best);
  }

  #takeSnapshot(): Snapshot {
    return {
      average: this.average.slice(),
      values: this.values.slice(),
      m: this.m.slice(),
      v: this.v.slice(),
      step: this.counters.step,
    };
  }

  #fail(rows: Int32Array, step: number, loss: number): string {
    const layer = this.trainable.locateNonFinite(rows);
    const what = Number.isFinite(loss) ? 'gradient' : 'loss';
    const sentence = `${this.trainable.name}: the ${what} of step ${step} is not finite; it begins in ${layer}`;
    const { average, values, m, v, step: lastGood } = this.#snapshot;
    this.average.set(average);
    this.values.set(values);
    this.m.set(m);
    this.v.set(v);
    this.counters.step = lastGood;
    this.counters.rateFactor /= 2;
    this.counters.failures += 1;
    this.trainable.parameters.assign(this.values);
    if (this.counters.failures >= MOST_FAILURES) {
      this.finish();
      throw new PushforwardError('numeric', `${sentence}, for the ${MOST_FAILURES}th time`, {
        mend: 'fit with a smaller --learning-rate, or look for extreme values in the table',
      });
    }
    return sentence;
  }
}
