import { checkNotNegative } from '../checks.js';
import { checkDraw } from '../draw.js';
import { PushforwardError } from '../errors.js';
import type { ApproximateModel, CodedModel, EstimateOptions, SampleOptions } from '../model.js';
import { inBlocks } from '../nn/blocks.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf, type Variable } from '../tf.js';
import { type AnnealedEstimate, type AnnealedOptions, annealedLogProb } from './annealed.js';
import { checkEstimate, type Elbo, elboOf, normalNoise } from './elbo.js';
import { type ImportanceOptions, importanceLogProb } from './importance.js';
import { LatentModel, type LatentModelOptions } from './latentModel.js';
import { type LatentStatistics, latentStatistics } from './latentStatistics.js';
import { klWeight, lossesOf, objectiveOf, type VaeLosses, type VaeObjective } from './objective.js';

export interface VaeOptions extends LatentModelOptions {
  /** What `losses` and a fit go by; changes to the plain ELBO. */
  readonly objective?: Partial<VaeObjective>;
}

export interface VaeSampleOptions extends SampleOptions {
  /** Whether the likelihood's noise is drawn too; the default, false, gives the mean of x given z. */
  readonly observationNoise?: boolean;
}

export interface VaeLossOptions extends Pick<EstimateOptions, 'seed' | 'context'> {
  /** Epochs done, whole ones and a share, which the weight of the KL divergence depends on. Default: it is at its full. */
  readonly epochs?: number;
  /** Whether batch normalisation goes by the statistics of the batch. Default false. */
  readonly training?: boolean;
}

/**
 * A variational autoencoder (Kingma and Welling 2014; Rezende, Mohamed and Wierstra 2014): p(x) = ∫ p(x | z) p(z) dz,
 * with a likelihood whose parameters a decoder makes of z, and an encoder that says q(z | x). Both are any
 * tf.LayersModel; those of the presets are built by `mlpNetworks` and `convolutionalNetworks`.
 *
 * Rows x are [n, ...shape], codes z [n, latentDim], context [n, contextDim] where the model takes it. All
 * figures are in nats a row. Batch normalisation goes by running statistics in every method here, and by
 * those of the batch in a fit; see `VaeFactor`. Every method throws PushforwardError `shape` for tensors of
 * other shapes.
 */
export class Vae implements ApproximateModel<Tensor>, CodedModel<Tensor> {
  readonly kind = 'vae';
  readonly latentModel: LatentModel;
  readonly objective: VaeObjective;

  /** @throws PushforwardError `shape` or `usage` when the parts do not fit each other. */
  constructor({ objective = {}, ...parts }: VaeOptions) {
    this.objective = objectiveOf(objective);
    this.latentModel = new LatentModel(parts);
  }

  get shape(): readonly number[] {
    return this.latentModel.shape;
  }

  get latentDim(): number {
    return this.latentModel.latentDim;
  }

  get variables(): readonly Variable[] {
    return this.latentModel.variables;
  }

  /** The code of each row: the posterior's mean, pushed through its flow where it has one. */
  encode(x: Tensor, context?: Tensor2D): Tensor2D {
    this.latentModel.check(x, context);
    return tf.tidy(() => this.latentModel.posterior.centre(this.latentModel.moments(x, context)));
  }

  /** E[x | z], [n, ...shape]. */
  decode(z: Tensor2D, context?: Tensor2D): Tensor {
    if (z.rank !== 2 || z.shape[1] !== this.latentDim) {
      throw new PushforwardError('shape', `z is [${z.shape}]`, {
        mend: `give float32 [n, ${this.latentDim}]`,
      });
    }
    this.latentModel.checkContext(z.shape[0], context);
    return this.latentModel.mean(z, context);
  }

  /** What becomes of rows on the way to their codes and back: means, without noise. */
  reconstruct(x: Tensor, context?: Tensor2D): Tensor {
    return tf.tidy(() => this.decode(this.encode(x, context), context));
  }

  /**
   * For each row of `from` and `to` a straight line between their codes, decoded at `steps` evenly spaced
   * points, both ends among them: [n, steps, ...shape].
   */
  interpolate(from: Tensor, to: Tensor, steps: number): Tensor {
    if (this.latentModel.contextDim > 0) {
      throw new PushforwardError('unsupported', 'a line between rows of different contexts', {
        mend: 'encode the rows, and decode points between with the context wanted',
      });
    }
    if (!Number.isSafeInteger(steps) || steps < 2 || from.shape.join() !== to.shape.join()) {
      throw new PushforwardError('usage', `${steps} steps from [${from.shape}] to [${to.shape}]`, {
        mend: 'give as many rows to both, and a whole number of steps from 2',
      });
    }
    return tf.tidy(() => {
      const [start, end] = [from, to].map((x) => tf.expandDims(this.encode(x), 1)) as [Tensor, Tensor];
      const share = tf.reshape(tf.linspace(0, 1, steps), [1, steps, 1]);
      const line = tf.add(tf.mul(start, tf.sub(1, share)), tf.mul(end, share));
      const rows = this.decode(tf.reshape(line, [-1, this.latentDim]));
      return tf.reshape(rows, [from.shape[0] as number, steps, ...this.shape]);
    });
  }

  /** n rows [n, ...shape] drawn with `seed` (default 0), one for each row of the context when there is one. */
  sample(n: number, { context, observationNoise = false, ...options }: VaeSampleOptions = {}): Tensor {
    const draw = checkDraw(n, options);
    const model = this.latentModel;
    model.checkContext(n, context);
    return tf.tidy(() => {
      const z = model.prior.sample(n, context === undefined ? draw : { ...draw, context });
      const random = new Random(draw.seed, streamOf('observation'));
      return inBlocks(n, model.rowsAtOnce, this.shape, (first, count) => {
        const [rows, own] = [z, context].map((tensor) => tensor && tf.slice(tensor, [first, 0], [count, -1]));
        if (!observationNoise) return model.mean(rows as Tensor2D, own);
        const outputs = model.outputs(rows as Tensor2D, own);
        return model.likelihood.sample(outputs, model.parameters.slices(), random);
      });
    });
  }

  /** What the objective makes of the rows; see `VaeLosses`. Posterior draws are those of `seed`. */
  losses(x: Tensor, options: VaeLossOptions = {}): VaeLosses & Record<string, Tensor> {
    const { seed = 0, context, epochs = Infinity, training = false } = options;
    const model = this.latentModel;
    model.check(x, context);
    if (x.shape[0] === 0)
      throw new PushforwardError('usage', 'losses of no rows', { mend: 'give at least one' });
    checkEstimate(1, seed);
    // Infinity is a warm-up that is over.
    if (epochs !== Infinity) checkNotNegative('epochs', epochs);
    return tf.tidy(() => {
      const rows = (x.shape[0] as number) * this.objective.samples;
      const noise = normalNoise(new Random(seed, streamOf('posterior')), rows, this.latentDim);
      const weight = epochs === Infinity ? this.objective.beta : klWeight(this.objective, epochs);
      return lossesOf(model, this.objective, { x, context, noise }, weight, training);
    });
  }

  /** The evidence lower bound of each row with its parts. Default: one draw for each row. */
  elbo(x: Tensor, options: EstimateOptions = {}): Elbo {
    this.latentModel.check(x, options.context);
    return elboOf(this.latentModel, x, options);
  }

  /** log p(x) [n] by importance sampling, default 1000 draws for each row; see `importanceLogProb`. */
  logProb(x: Tensor, options: ImportanceOptions = {}): Tensor1D {
    this.latentModel.check(x, options.context);
    return tf.tensor1d(Float32Array.from(importanceLogProb(this.latentModel, x, options)));
  }

  /** log p(x) by annealed importance sampling, which does not lean on the encoder; see `annealedLogProb`. */
  annealedLogProb(x: Tensor, options: AnnealedOptions = {}): AnnealedEstimate {
    this.latentModel.check(x, options.context);
    return annealedLogProb(this.latentModel, x, options);
  }

  /** How much of the latent these rows use: active units, and the KL divergence by dimension. */
  latentStatistics(x: Tensor, context?: Tensor2D): LatentStatistics {
    this.latentModel.check(x, context);
    return latentStatistics(this.latentModel, x, context);
  }

  dispose(): void {
    this.latentModel.dispose();
  }
}
