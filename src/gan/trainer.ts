import { checkPositive, checkShare, checkWhole } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { refreshBatchStatistics } from '../nn/batchStatistics.js';
import { updateRunningMean } from '../ops/runningMean.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor2D, tf } from '../tf.js';
import type { Gan } from './gan.js';
import { NetworkOptimizer, type OptimizerOptions } from './optimizer.js';

export interface GanTrainOptions {
  /** Packs in a batch: pac times as many rows. */
  readonly batchSize: number;
  readonly generator: OptimizerOptions;
  /** A rate of its own: two time-scales (Heusel et al. 2017). */
  readonly critic: OptimizerOptions;
  /** Updates of the critic in a step. Default 1. */
  readonly criticSteps?: number;
  /** Updates of the generator in a step. Default 1. */
  readonly generatorSteps?: number;
  /** Whether both networks move at once, each against the other as it was, by one batch of z. Default false. */
  readonly simultaneous?: boolean;
  /** Bound of all weights of the critic after each update (Arjovsky et al. 2017); null, the default, is none. */
  readonly clip?: number | null;
  /** Share that the running mean of the generator's weights keeps at each step; 0, the default, keeps no mean. */
  readonly average?: number;
  readonly seed: number;
}

/** Rows of the data [n, ...] and their contexts, for a batch. */
export type RealRows = { readonly x: Tensor; readonly context?: Tensor2D };
/** Draws n rows; all that is random about them comes from `random`. */
export interface DrawRows {
  (n: number, random: Random): RealRows;
  /** Told the draw after the one just made, to fetch its rows while this one's are trained on. */
  prefetch?(n: number, random: Random): void;
}

/** What a step saw: of several updates, the last. */
export interface GanStepRecord {
  readonly criticLoss: number;
  readonly generatorLoss: number;
  readonly penalty: number;
  /** Means of D(x) and D(g(z)); see `GanLosses`. */
  readonly realScore: number;
  readonly fakeScore: number;
  /** Euclidean norms of the two gradients. */
  readonly criticGradientNorm: number;
  readonly generatorGradientNorm: number;
}

type CriticRecord = Omit<GanStepRecord, 'generatorLoss' | 'generatorGradientNorm'>;

/** Batches whose statistics an averaged generator is given. */
const STATISTICS_BATCHES = 20;

/**
 * Trains a GAN step by step: some updates of the critic, then some of the generator. A step is a function of the
 * seed, its number and the state, so training that goes on from a saved state gives the bits of one that never stopped.
 */
export class GanTrainer {
  readonly gan: Gan;
  readonly #options: Required<GanTrainOptions>;
  readonly #critic: NetworkOptimizer;
  readonly #generator: NetworkOptimizer;
  readonly #average: Float32Array;
  #steps = 0;

  /** @throws PushforwardError `usage` for options that make no sense. */
  constructor(gan: Gan, options: GanTrainOptions) {
    this.#options = {
      criticSteps: 1,
      generatorSteps: 1,
      simultaneous: false,
      clip: null,
      average: 0,
      ...options,
    };
    check(this.#options);
    this.gan = gan;
    this.#critic = new NetworkOptimizer('critic', gan.critic.variables, options.critic);
    this.#generator = new NetworkOptimizer('generator', gan.generator.variables, options.generator);
    this.#average = this.#generator.store.values();
  }

  /** Steps done. */
  get steps(): number {
    return this.#steps;
  }

  /**
   * @throws PushforwardError `numeric` when a gradient is not finite, `shape` for rows that do not fit.
   */
  step(draw: DrawRows): GanStepRecord {
    const { criticSteps, generatorSteps, clip, simultaneous } = this.#options;
    let critic: CriticRecord | undefined;
    let generatorLoss = 0;
    let generatorGradientNorm = 0;
    for (let k = 0; k < criticSteps; k++) {
      critic = this.#differentiateCritic(draw, k);
      if (!simultaneous) critic = { ...critic, criticGradientNorm: this.#critic.apply(clip) };
    }
    for (let k = 0; k < generatorSteps; k++) {
      generatorLoss = this.#differentiateGenerator(draw, k);
      generatorGradientNorm = this.#generator.apply(null);
    }
    if (simultaneous) critic = { ...(critic as CriticRecord), criticGradientNorm: this.#critic.apply(clip) };
    this.#steps += 1;
    this.#updateAverage();
    return { ...(critic as CriticRecord), generatorLoss, generatorGradientNorm };
  }

  /**
   * Gives the generator the running mean of its weights, and its batch normalisation the statistics of what they
   * make; without `average` only the latter. Training cannot go on from there but by `resume`.
   * @param draw where contexts come from, for a GAN that takes them.
   */
  finish(draw: DrawRows): void {
    if (this.#options.average > 0) this.#generator.store.assign(this.#average);
    const rows = this.#options.batchSize;
    refreshBatchStatistics([this.gan.generator.model], STATISTICS_BATCHES, (batch) =>
      tf.tidy(() => {
        const random = this.#random('statistics', batch);
        const { context } = this.gan.contextDim > 0 ? draw(rows, random) : {};
        this.gan.generate(this.gan.latent(rows, random), context, true);
      }),
    );
  }

  /** All that the next step depends on but the model's own weights that no gradient moves, and the counts. */
  get state(): Map<string, Float32Array> {
    return new Map([...this.#critic.state, ...this.#generator.state, ['generator/average', this.#average]]);
  }

  /** Goes on from arrays that were put into `state`, as after so many steps. */
  resume(steps: number): void {
    this.#steps = steps;
    this.#critic.resume(steps * this.#options.criticSteps);
    this.#generator.resume(steps * this.#options.generatorSteps);
  }

  #differentiateCritic(draw: DrawRows, k: number): CriticRecord {
    const { gan } = this;
    gan.spectral?.update();
    return tf.tidy(() => {
      const { x, context, z } = this.#batch(draw, 'critic', k);
      const fake = gan.generatePacks(z, context, true);
      const record: Partial<Record<'penalty' | 'realScore' | 'fakeScore', number>> = {};
      const criticLoss = this.#critic.differentiate(() => {
        const losses = gan.criticLosses(x, fake, this.#random('penalty', k), {
          ...given(context),
          training: true,
        });
        for (const name of ['penalty', 'realScore', 'fakeScore'] as const) {
          record[name] = losses[name].dataSync()[0] as number;
        }
        return losses.critic;
      });
      return { criticLoss, criticGradientNorm: 0, ...(record as Required<typeof record>) };
    });
  }

  #differentiateGenerator(draw: DrawRows, k: number): number {
    const { gan } = this;
    if (!this.#options.simultaneous) gan.spectral?.update();
    return tf.tidy(() => {
      const { context, z } = this.#batch(draw, this.#options.simultaneous ? 'critic' : 'generator', k);
      return this.#generator.differentiate(() =>
        gan.generatorLoss(gan.generatePacks(z, context, true), { ...given(context), training: true }),
      );
    });
  }

  /** Real rows and latents for one update; of a generator's, the rows are there for their contexts. */
  #batch(
    draw: DrawRows,
    network: string,
    k: number,
  ): { x: Tensor; context: Tensor2D | undefined; z: Tensor2D } {
    const rows = this.#options.batchSize * this.gan.objective.pac;
    const random = this.#random(network, k);
    const z = this.gan.latent(rows, random);
    const needsRows = network === 'critic' || this.gan.contextDim > 0;
    if (!needsRows) return { x: z, context: undefined, z };
    const { x, context } = draw(rows, random);
    this.gan.check(x, context);
    const next = this.#nextDraw(network, k);
    // The latents come first.
    next.position = rows * this.gan.latentDim;
    draw.prefetch?.(rows, next);
    return { x, context, z };
  }

  /** What the update that draws rows after this one begins with. */
  #nextDraw(network: string, k: number): Random {
    const { criticSteps, generatorSteps } = this.#options;
    const isCritic = network === 'critic';
    if (k + 1 < (isCritic ? criticSteps : generatorSteps)) return this.#random(network, k + 1);
    if (isCritic && this.gan.contextDim > 0) return this.#random('generator', 0);
    return this.#random('critic', 0, this.#steps + 1);
  }

  #random(purpose: string, k: number, step = this.#steps): Random {
    return new Random(this.#options.seed, streamOf(`gan ${purpose}`, step, k));
  }

  #updateAverage(): void {
    const { average } = this.#options;
    if (average === 0) return;
    const values = this.#generator.state.get('generator/values') as Float32Array;
    // The first steps are a plain mean, so that the start is not kept for 1 / (1 − average) steps.
    updateRunningMean(this.#average, values, Math.max(1 - average, 1 / this.#steps));
  }
}

function given(context: Tensor2D | undefined): { context?: Tensor2D } {
  return context === undefined ? {} : { context };
}

function check(options: Required<GanTrainOptions>): void {
  for (const name of ['batchSize', 'criticSteps', 'generatorSteps'] as const) checkWhole(name, options[name]);
  checkWhole('seed', options.seed, 0);
  if (options.clip !== null) checkPositive('clip', options.clip);
  checkShare('average', options.average);
  if (options.simultaneous && (options.criticSteps !== 1 || options.generatorSteps !== 1)) {
    throw new PushforwardError('usage', 'simultaneous updates of different numbers', {
      mend: 'give one step to each network',
    });
  }
}
