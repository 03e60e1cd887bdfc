import { buildGan } from '../../gan/config.js';
import type { Gan } from '../../gan/gan.js';
import type { SampleOptions } from '../../model.js';
import { tf } from '../../tf.js';
import type { ExportOptions, NetworkExportReport } from '../checkedGraphs.js';
import { exportGan } from '../exportGan.js';
import { fitGan, ganFigures } from '../fitGan.js';
import type { NamedWeights } from '../savedModel.js';
import type { TrainOutcome } from '../start.js';
import {
  clipped,
  type ImageModel,
  type ImageParts,
  type ImageTrainHooks,
  type Picture,
  samplesPicture,
} from './model.js';
import type { GanPlan } from './plan.js';

/** A generative adversarial network of images. */
export class GanImages implements ImageModel {
  readonly density = null;
  readonly #gan: Gan;
  readonly #plan: GanPlan;

  private constructor(gan: Gan, plan: GanPlan) {
    this.#gan = gan;
    this.#plan = plan;
  }

  /** @throws PushforwardError `usage` or `shape` for a plan whose parts do not fit each other. */
  static async build(plan: GanPlan): Promise<GanImages> {
    return new GanImages(await buildGan(plan.config), plan);
  }

  get weights(): NamedWeights {
    return this.#gan.weights;
  }

  get parameters(): number {
    return this.#gan.variables.reduce((sum, { size }) => sum + size, 0);
  }

  sample(n: number, options: SampleOptions): Float32Array {
    return tf.tidy(() => clipped(this.#gan.sample(n, options).dataSync<'float32'>()));
  }

  async fit({ training }: ImageParts, hooks: ImageTrainHooks): Promise<TrainOutcome> {
    const { hasPictures, onEpoch, ...others } = hooks;
    const { epochs, aborted } = await fitGan(this.#gan, {
      ...others,
      ...this.#plan.training,
      seed: this.#plan.config.seed ?? 0,
      training,
      onEpoch: async (record) => {
        const { epoch, diversity, rowsPerSecond } = record;
        const figures = { ...ganFigures(record), diversity };
        const pictures = hasPictures(epoch) ? this.pictures() : [];
        await onEpoch({ epoch, figures, record, best: false, rowsPerSecond, pictures });
      },
    });
    return { epochs, bestEpoch: null, aborted };
  }

  pictures(): Picture[] {
    return [samplesPicture(this.#gan.contextDim, (n, options) => this.sample(n, options))];
  }

  async export(folder: string, options: ExportOptions): Promise<NetworkExportReport> {
    return exportGan(this.#gan, folder, options);
  }

  dispose(): void {
    this.#gan.dispose();
  }
}
