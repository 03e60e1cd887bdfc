import { type ContextRows, firstPlaces, rowsAt } from '../../data/rowSource.js';
import type { SampleOptions } from '../../model.js';
import { reconstructionLines } from '../../report/imageGrid.js';
import { type Tensor, type Tensor2D, tf } from '../../tf.js';
import type { EpochRecord } from '../../train/fit.js';
import { buildVae } from '../../vae/config.js';
import { elboOf } from '../../vae/elbo.js';
import { VaeHealth } from '../../vae/health.js';
import { importanceLogProb } from '../../vae/importance.js';
import type { Vae } from '../../vae/vae.js';
import type { ExportOptions, NetworkExportReport } from '../checkedGraphs.js';
import { exportVae } from '../exportVae.js';
import { fitVae } from '../fitVae.js';
import type { NamedWeights } from '../savedModel.js';
import type { TrainOutcome } from '../start.js';
import {
  clipped,
  GRID,
  GRID_COLUMNS,
  type ImageDensity,
  type ImageModel,
  type ImageParts,
  type ImageTrainHooks,
  type Picture,
  samplesPicture,
  validationPictures,
} from './model.js';
import type { VaePlan } from './plan.js';

/** Rows scored at a time. */
const CHUNK = 200;
/** Most draws that the bound, which needs few, is a mean over. */
const BOUND_SAMPLES = 10;
/** Lines between two images each, and images on each line. */
const LINES = 8;

/** A variational autoencoder of images. */
export class VaeImages implements ImageModel {
  readonly #vae: Vae;
  readonly #plan: VaePlan;

  private constructor(vae: Vae, plan: VaePlan) {
    this.#vae = vae;
    this.#plan = plan;
  }

  /** @throws PushforwardError `usage` or `shape` for a plan whose parts do not fit each other. */
  static async build(plan: VaePlan): Promise<VaeImages> {
    return new VaeImages(await buildVae(plan.config), plan);
  }

  get weights(): NamedWeights {
    return this.#vae.latentModel.weights;
  }

  get parameters(): number {
    return this.#vae.variables.reduce((sum, { size }) => sum + size, 0);
  }

  get density(): ImageDensity {
    const { kind } = this.#vae.latentModel.likelihood;
    return {
      isProbability: kind === 'bernoulli' || kind === 'discretisedLogistic' || kind === 'categorical',
      defaultSamples: 100,
      score: (rows, places, options) => this.#score(rows, places, options),
    };
  }

  /** The means of the pixels given the latents, without the likelihood's noise. */
  sample(n: number, options: SampleOptions): Float32Array {
    return valuesOf(() => this.#vae.sample(n, options));
  }

  async fit({ training, validation }: ImageParts, hooks: ImageTrainHooks): Promise<TrainOutcome> {
    const { hasPictures, onEpoch, onResume, ...others } = hooks;
    const stepsPerEpoch = Math.ceil(training.x.rows / this.#plan.training.batchSize);
    const health = new VaeHealth(this.#vae.latentDim, stepsPerEpoch);
    const shown = validationPictures(hooks, () => this.pictures(validation));
    const { epochs, bestEpoch, aborted } = await fitVae(this.#vae, {
      ...others,
      ...this.#plan.training,
      seed: this.#plan.config.seed ?? 0,
      training,
      validation,
      onResume: shown.onResume,
      onValidated: shown.onValidated,
      onEpoch: async (record) => {
        const { epoch, best, rowsPerSecond } = record;
        const { measures, figures } = figuresOf(record);
        for (const warning of health.see(epoch, measures)) hooks.onWarning?.(warning);
        await onEpoch({ epoch, figures, record, best, rowsPerSecond, pictures: shown.take(epoch) });
      },
    });
    return { epochs, bestEpoch, aborted };
  }

  /** Lines between images only where these have no classes: a line has no class between two. */
  pictures(rows: ContextRows): Picture[] {
    const vae = this.#vae;
    const { contextDim } = vae.latentModel;
    const some = firstPlaces(Math.min(GRID / 2, rows.x.rows));
    const { x, context } = this.#batch(rows, some);
    try {
      const pictures: Picture[] = [
        samplesPicture(contextDim, (n, options) => this.sample(n, options)),
        {
          name: 'reconstructions',
          values: this.#reconstructions(x, context, rows.x.width),
          columns: GRID_COLUMNS,
        },
      ];
      const pairs = contextDim > 0 ? 0 : Math.min(LINES, Math.floor(some.length / 2));
      if (pairs === 0) return pictures;
      const between = valuesOf(() =>
        vae.interpolate(tf.slice(x, 0, pairs), tf.slice(x, pairs, pairs), GRID_COLUMNS),
      );
      return [...pictures, { name: 'interpolations', values: between, columns: GRID_COLUMNS }];
    } finally {
      tf.dispose({ x, context });
    }
  }

  async export(folder: string, options: ExportOptions): Promise<NetworkExportReport> {
    return exportVae(this.#vae, folder, options);
  }

  dispose(): void {
    this.#vae.dispose();
  }

  /** Lines of images, each with the line of what becomes of them below it. */
  #reconstructions(x: Tensor, context: Tensor2D | undefined, size: number): Float32Array {
    const decoded = valuesOf(() => this.#vae.reconstruct(x, context));
    return reconstructionLines(clipped(x.dataSync<'float32'>()), decoded, size, GRID_COLUMNS);
  }

  #batch({ x, context }: ContextRows, places: Int32Array): { x: Tensor; context: Tensor2D | undefined } {
    return {
      x: rowsAt(x, places, this.#vae.shape),
      context: context && (rowsAt(context, places, [context.width]) as Tensor2D),
    };
  }

  #score(
    rows: ContextRows,
    places: Int32Array,
    { samples, seed }: { readonly samples: number; readonly seed: number },
  ): { logProb: Float64Array; elbo: Float64Array } {
    const model = this.#vae.latentModel;
    const logProb = new Float64Array(places.length);
    const elbo = new Float64Array(places.length);
    for (let firstRow = 0; firstRow < places.length; firstRow += CHUNK) {
      tf.tidy(() => {
        const { x, context } = this.#batch(rows, places.subarray(firstRow, firstRow + CHUNK));
        const given = { seed, ...(context === undefined ? {} : { context }) };
        logProb.set(importanceLogProb(model, x, { ...given, samples, firstRow }), firstRow);
        elbo.set(
          elboOf(model, x, { ...given, samples: Math.min(samples, BOUND_SAMPLES) }).elbo.dataSync(),
          firstRow,
        );
      });
    }
    return { logProb, elbo };
  }
}

/** What is watched of an epoch: bounds of both parts, and of the validation their terms and the units in use. */
function figuresOf({ train, validation, gradientNorm, factors }: EpochRecord) {
  const measures = factors.vae?.measures as Record<'reconstruction' | 'kl' | 'activeUnits', number>;
  const { reconstruction, kl, activeUnits } = measures;
  const figures = {
    train,
    validation,
    reconstruction,
    KL: kl,
    'active units': activeUnits,
    '|∇|': gradientNorm,
  };
  return { figures, measures };
}

function valuesOf(body: () => Tensor): Float32Array {
  return tf.tidy(() => clipped(body().dataSync<'float32'>()));
}
