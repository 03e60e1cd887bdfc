import { checkOptionalContext } from '../distributions/context.js';
import { checkDraw } from '../draw.js';
import { PushforwardError } from '../errors.js';
import type { GenerativeModel, SampleOptions } from '../model.js';
import { batchNormalisations } from '../nn/batchStatistics.js';
import { inBlocks, rowsAtOnce } from '../nn/blocks.js';
import { LayersNetwork } from '../nn/layersNetwork.js';
import { SpectralNormalisation } from '../nn/spectralNormalisation.js';
import { Random, streamOf } from '../random.js';
import { type layers, type Tensor, type Tensor2D, tf, type Variable } from '../tf.js';
import { adversarialLosses } from './losses.js';
import { type GanObjective, ganObjectiveOf } from './objective.js';
import { pack, packedShape } from './packing.js';
import { gradientPenalty, r1Penalty } from './penalties.js';

export interface GanOptions {
  /** Shape of one row of the data, [height, width, channels] or [columns], say. */
  readonly shape: readonly number[];
  readonly latentDim: number;
  /** Width of the context that both networks take as their second input; 0, the default, is none. */
  readonly contextDim?: number;
  /** z [n, latentDim] to rows [n, ...shape]. */
  readonly generator: layers.LayersModel;
  /** Packs [n, ..., pac·channels] (and their contexts [n, pac·contextDim]) to [n, 1], without a last sigmoid. */
  readonly critic: layers.LayersModel;
  readonly objective?: Partial<GanObjective>;
  /** Of the first directions of spectral normalisation. Default 0. */
  readonly seed?: number;
}

export interface GanLossOptions {
  /** Of z and of the points between rows that a gradient penalty is taken at. Default 0. */
  readonly seed?: number;
  /** Conditions [n, contextDim] of the rows; the generated ones are of the same. */
  readonly context?: Tensor2D;
  /** Whether batch normalisation goes by the statistics of the batch. Default false. */
  readonly training?: boolean;
}

/** Scalars of a batch. */
export type GanLosses = {
  /** What the critic minimises, penalties included. */
  readonly critic: tf.Scalar;
  readonly generator: tf.Scalar;
  /** The penalties alone, weighted. */
  readonly penalty: tf.Scalar;
  /** Means of D(x) and D(g(z)): probabilities, or the critic's values for losses that have none. */
  readonly realScore: tf.Scalar;
  readonly fakeScore: tf.Scalar;
};

/**
 * A generative adversarial network (Goodfellow et al. 2014): a generator g whose rows g(z) a critic cannot tell from
 * real ones. It has no density and no codes. Both networks are any tf.LayersModel.
 *
 * Batch normalisation goes by running statistics in `sample`, and by those of the batch where `training` says so:
 * the critic sees real and generated packs in separate batches, the generator makes each row of a pack in another.
 * Every method throws PushforwardError `shape` for tensors of other shapes.
 */
export class Gan implements GenerativeModel<Tensor> {
  readonly kind = 'gan';
  readonly shape: readonly number[];
  readonly latentDim: number;
  readonly contextDim: number;
  readonly generator: LayersNetwork;
  readonly critic: LayersNetwork;
  readonly objective: GanObjective;
  readonly spectral: SpectralNormalisation | null;

  /** @throws PushforwardError `shape` or `usage` when the parts do not fit each other. */
  constructor({ shape, latentDim, contextDim = 0, generator, critic, objective = {}, seed = 0 }: GanOptions) {
    this.shape = shape;
    this.latentDim = latentDim;
    this.contextDim = contextDim;
    this.objective = ganObjectiveOf(objective);
    this.generator = new LayersNetwork(generator);
    this.critic = new LayersNetwork(critic);
    const { pac, gradientPenalty: slope, r1, spectralNormalisation } = this.objective;
    if (slope + r1 > 0 && batchNormalisations(critic).length > 0) {
      throw new PushforwardError(
        'usage',
        'a penalty on the slope at each pack, of a critic that normalises batches',
        {
          // With it the critic's value of a pack is no function of this pack (Gulrajani et al. 2017, section 4).
          mend: 'build the critic without batch normalisation',
        },
      );
    }
    const contexts = contextDim > 0 ? [[contextDim], [pac * contextDim]] : [[], []];
    const own = (width: readonly number[] | undefined) => (width?.length ? [width] : []);
    this.generator.check('the generator', [[latentDim], ...own(contexts[0])], shape);
    this.critic.check('the critic', [this.packedShape, ...own(contexts[1])], [1]);
    this.spectral = spectralNormalisation ? new SpectralNormalisation(critic, seed) : null;
  }

  /** Shape of what the critic judges: `pac` rows side by side in their last axis. */
  get packedShape(): number[] {
    return packedShape(this.shape, this.objective.pac);
  }

  get variables(): Variable[] {
    return [...this.generator.variables, ...this.critic.variables];
  }

  /** All that a saved model keeps, by name: running statistics and spectral directions too. */
  get weights(): Map<string, Variable> {
    const named = (role: string, list: readonly Variable[]) =>
      list.map((weight, i) => [`${role}/${i}`, weight] as const);
    return new Map([
      ...named('generator', this.generator.weights),
      ...named('critic', this.critic.weights),
      ...named('spectral', this.spectral?.state ?? []),
    ]);
  }

  /** n rows [n, ...shape] drawn with `seed` (default 0), one for each row of the context when there is one. */
  sample(n: number, { context, ...options }: SampleOptions = {}): Tensor {
    const { seed, temperature } = checkDraw(n, options);
    checkOptionalContext(context, n, this.contextDim);
    const random = new Random(seed, streamOf('sample'));
    return inBlocks(n, rowsAtOnce(this.generator), this.shape, (first, count) => {
      const own = context && (tf.slice(context, [first, 0], [count, -1]) as Tensor2D);
      return this.generate(tf.mul(this.latent(count, random), temperature), own);
    });
  }

  /** The next n latents [n, latentDim] of a generator of numbers. */
  latent(n: number, random: Random): Tensor2D {
    const values = new Float32Array(n * this.latentDim);
    const drawn =
      this.objective.latent === 'normal'
        ? random.normal(values)
        : random.uniform(values).map((u) => 2 * u - 1);
    return tf.tensor2d(drawn, [n, this.latentDim]);
  }

  /** g(z), [n, ...shape]. */
  generate(z: Tensor2D, context?: Tensor2D, training = false): Tensor {
    return this.generator.apply(z, context, training);
  }

  /** n·pac generated rows, those of each place in a pack made by themselves, in the order that `pack` wants. */
  generatePacks(z: Tensor2D, context?: Tensor2D, training = false): Tensor {
    return tf.tidy(() => {
      const { pac } = this.objective;
      const contexts = context && (tf.split(context, pac, 0) as Tensor2D[]);
      const slots = tf
        .split(z, pac, 0)
        .map((own, slot) => this.generate(own as Tensor2D, contexts?.[slot], training));
      return tf.concat(slots, 0);
    });
  }

  /** What the critic says of rows [n·pac, ...shape]: [n, 1], logits or values. Differentiable. */
  judge(rows: Tensor, context?: Tensor2D, training = false): Tensor {
    const { pac } = this.objective;
    return this.judgePacks(pack(rows, pac), context && (pack(context, pac) as Tensor2D), training);
  }

  /** The same of packs [n, ...packedShape] and their contexts [n, pac·contextDim]. */
  judgePacks(packs: Tensor, context?: Tensor2D, training = false): Tensor {
    const judge = () => this.critic.apply(packs, context, training);
    return this.spectral === null ? judge() : this.spectral.within(judge);
  }

  /** The critic's loss for real and generated rows [n·pac, ...shape], with its parts; `random` is for the penalty. */
  criticLosses(
    real: Tensor,
    fake: Tensor,
    random: Random,
    { context, training = false }: GanLossOptions = {},
  ): Omit<GanLosses, 'generator'> {
    const { loss, pac, gradientPenalty: weight, r1 } = this.objective;
    const { critic, score } = adversarialLosses[loss];
    return tf.tidy(() => {
      const packs = { real: pack(real, pac), fake: pack(fake, pac) };
      const contexts = context && (pack(context, pac) as Tensor2D);
      const judge = (rows: Tensor) => this.judgePacks(rows, contexts, training);
      const outputs = { real: judge(packs.real), fake: judge(packs.fake) };
      const penalties: tf.Scalar[] = [tf.scalar(0)];
      if (weight > 0) {
        const share = tf.tensor1d(random.uniform(new Float32Array(packs.real.shape[0] as number)));
        penalties.push(tf.mul(weight, gradientPenalty(judge, packs.real, packs.fake, share)));
      }
      if (r1 > 0) penalties.push(tf.mul(r1, r1Penalty(judge, packs.real)));
      const penalty = tf.addN(penalties);
      return {
        critic: tf.add(critic(outputs.real, outputs.fake), penalty),
        penalty,
        realScore: tf.mean<tf.Scalar>(score(outputs.real)),
        fakeScore: tf.mean<tf.Scalar>(score(outputs.fake)),
      };
    });
  }

  /** The generator's loss for rows that it made, [n·pac, ...shape]. */
  generatorLoss(fake: Tensor, { context, training = false }: GanLossOptions = {}): tf.Scalar {
    const { generator } = adversarialLosses[this.objective.loss];
    return tf.tidy(() => generator(this.judge(fake, context, training)));
  }

  /** Both losses of real rows [n·pac, ...shape] against as many generated ones. */
  losses(x: Tensor, options: GanLossOptions = {}): GanLosses & Record<string, Tensor> {
    this.check(x, options.context);
    const { seed = 0, context, training = false } = options;
    return tf.tidy(() => {
      const random = new Random(seed, streamOf('latent'));
      const fake = this.generatePacks(this.latent(x.shape[0] as number, random), context, training);
      return {
        ...this.criticLosses(x, fake, new Random(seed, streamOf('penalty')), options),
        generator: this.generatorLoss(fake, options),
      };
    });
  }

  /** @throws PushforwardError `shape` for rows or a context of other shapes, or rows that make no whole packs, or none. */
  check(x: Tensor, context: Tensor2D | undefined): void {
    const [n, ...shape] = x.shape;
    const { pac } = this.objective;
    if (shape.join() !== this.shape.join() || n === 0 || (n as number) % pac !== 0) {
      throw new PushforwardError('shape', `rows are [${x.shape}]`, {
        mend: `give float32 [${pac === 1 ? 'rows' : `a multiple of ${pac}`}, ${this.shape.join(', ')}]`,
      });
    }
    checkOptionalContext(context, n as number, this.contextDim);
  }

  dispose(): void {
    this.generator.dispose();
    this.critic.dispose();
    this.spectral?.dispose();
  }
}
