import { type ContextRows, rowsAt } from '../../data/rowSource.js';
import { StandardNormal } from '../../distributions/standardNormal.js';
import { checkDraw } from '../../draw.js';
import type { Flow } from '../../flows/flow.js';
import { FlowFactor } from '../../flows/flowFactor.js';
import { glow } from '../../flows/presets/glow.js';
import type { SampleOptions } from '../../model.js';
import { type Tensor2D, tf } from '../../tf.js';
import { fit } from '../../train/fit.js';
import { RunningLogSum } from '../../vae/importance.js';
import type { ExportOptions, NetworkExportReport } from '../checkedGraphs.js';
import { exportImageFlow } from '../exportImageFlow.js';
import type { NamedWeights } from '../savedModel.js';
import type { TrainOutcome } from '../start.js';
import {
  clipped,
  type ImageDensity,
  type ImageModel,
  type ImageParts,
  type ImageTrainHooks,
  type Picture,
  samplesPicture,
  validationPictures,
} from './model.js';
import type { FlowPlan } from './plan.js';

/** Images that go through the flow at a time. */
const AT_ONCE = 64;

/** A flow of images: Glow, of bytes that are spread over their cells. */
export class FlowImages implements ImageModel {
  readonly #flow: Flow;
  readonly #plan: FlowPlan;
  /** What the density of an image's bytes lacks to that of the spread intensities, in nats. */
  readonly #offset: number;

  /** @throws PushforwardError `usage` for images that cannot be halved so often. */
  constructor(plan: FlowPlan) {
    this.#flow = glow(plan.config);
    this.#plan = plan;
    this.#offset = plan.rows === 'dequantised' ? this.#flow.dim * Math.log(256) : 0;
  }

  get weights(): NamedWeights {
    return new Map([['flow', this.#flow.parameters.variable]]);
  }

  get parameters(): number {
    return this.#flow.parameters.count;
  }

  get density(): ImageDensity {
    return {
      isProbability: this.#plan.rows === 'dequantised',
      defaultSamples: this.#plan.rows === 'dequantised' ? 4 : 1,
      score: (rows, places, options) => this.#score(rows, places, options),
    };
  }

  sample(n: number, { context, ...options }: SampleOptions): Float32Array {
    const draw = checkDraw(n, options);
    const { dim } = this.#flow;
    const values = new Float32Array(n * dim);
    const z = new StandardNormal(dim).sample(n, draw);
    for (let first = 0; first < n; first += AT_ONCE) {
      tf.tidy(() => {
        const count = Math.min(AT_ONCE, n - first);
        const given = context && tf.slice(context, [first, 0], [count, -1]);
        const { x } = this.#flow.inverse(tf.slice(z, [first, 0], [count, dim]), given);
        values.set(clipped(x.dataSync<'float32'>()), first * dim);
      });
    }
    z.dispose();
    return values;
  }

  async fit({ training, validation }: ImageParts, hooks: ImageTrainHooks): Promise<TrainOutcome> {
    const { hasPictures, onEpoch, onResume, ...others } = hooks;
    const shown = validationPictures(hooks, () => this.pictures());
    const factor = new FlowFactor(this.#flow, {
      training,
      validation,
      offset: this.#offset,
      rowsAtOnce: AT_ONCE,
      onValidated: shown.onValidated,
    });
    const plan = { ...this.#plan.training, weightDecay: 0, clipNorm: 100 };
    return fit(
      [factor],
      { ...plan, seed: this.#plan.config.seed ?? 0, rows: training.x.rows },
      {
        ...others,
        onResume: shown.onResume,
        onEpoch: async (record) => {
          const { epoch, train, validation: held, gradientNorm, best, rowsPerSecond } = record;
          const bits = this.density.isProbability ? { bits: -held / (this.#flow.dim * Math.LN2) } : {};
          const figures = { train, validation: held, ...bits, '|∇|': gradientNorm };
          await onEpoch({ epoch, figures, record, best, rowsPerSecond, pictures: shown.take(epoch) });
        },
      },
    );
  }

  pictures(): Picture[] {
    return [samplesPicture(this.#flow.contextDim, (n, options) => this.sample(n, options))];
  }

  async export(folder: string, options: ExportOptions): Promise<NetworkExportReport> {
    const { height, width, channels } = this.#plan.config;
    return exportImageFlow(this.#flow, { name: 'glow', shape: [height, width, channels] }, folder, options);
  }

  dispose(): void {
    this.#flow.dispose();
  }

  /** By so many draws of the noise that spreads bytes over their cells: log of the mean, and mean of the logs. */
  #score(
    { x: rows, context }: ContextRows,
    places: Int32Array,
    { samples }: { readonly samples: number },
  ): { logProb: Float64Array; elbo: Float64Array } {
    const sums = Array.from(places, () => new RunningLogSum());
    const elbo = new Float64Array(places.length);
    for (let k = 0; k < samples; k++) {
      rows.startEpoch?.(k);
      for (let first = 0; first < places.length; first += AT_ONCE) {
        tf.tidy(() => {
          const part = places.subarray(first, first + AT_ONCE);
          const x = rowsAt(rows, part, [rows.width]) as Tensor2D;
          const given = context && (rowsAt(context, part, [context.width]) as Tensor2D);
          this.#flow
            .logProb(x, given)
            .dataSync()
            .forEach((value, i) => {
              const logProb = value - this.#offset;
              sums[first + i]?.add([logProb]);
              elbo[first + i] = (elbo[first + i] as number) + logProb / samples;
            });
        });
      }
    }
    return { logProb: Float64Array.from(sums, ({ value }) => value - Math.log(samples)), elbo };
  }
}
