import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { imageRows } from '../../data/images/imageRows.js';
import type { ImageSet } from '../../data/images/imageSet.js';
import { PushforwardError } from '../../errors.js';
import type { Gan } from '../../gan/gan.js';
import { type DrawRows, type GanStepRecord, GanTrainer, type GanTrainOptions } from '../../gan/trainer.js';
import type { Random } from '../../random.js';
import { MetricsLog } from '../../runs/metricsLog.js';
import { tf } from '../../tf.js';
import { readSafeTensors, writeSafeTensors } from '../../train/safetensors.js';
import type { ExperimentSettings } from '../experiment.js';
import { drawGanPicture } from './pictures.js';

export interface GanRunOptions {
  readonly gan: Gan;
  readonly training: GanTrainOptions;
  readonly digits: ImageSet;
  readonly steps: number;
  /** Steps between measurements, pictures and checkpoints. */
  readonly every: number;
  /** Folder of its own, absent where the experiment keeps nothing. */
  readonly folder: string | undefined;
  /** What is measured of the generator, by name, at each checkpoint. */
  readonly measure: () => Readonly<Record<string, number>>;
  /** Counts a step of the experiment. */
  readonly next: () => Promise<void>;
}

/**
 * Trains a GAN as an experiment does. At each checkpoint the generator's batch normalisation gets the statistics of
 * what it makes, which no later step depends on; then the measurements go to `metrics.jsonl` with those of the last
 * step, 100 draws to `samples-STEP.png`, and all that the next step depends on to `checkpoint.safetensors`.
 */
export async function runGan(
  { gan, training, digits, steps, every, folder, measure, next }: GanRunOptions,
  { resume = false }: ExperimentSettings,
): Promise<void> {
  const trainer = new GanTrainer(gan, training);
  const draw = drawImages(digits);
  const checkpoint = folder === undefined ? undefined : new Checkpoint(folder, trainer, training);
  await checkpoint?.prepare(resume);
  for (let done = 0; done < trainer.steps; done++) await next();
  while (trainer.steps < steps) {
    const record = trainer.step(draw);
    await next();
    if (trainer.steps % every !== 0 && trainer.steps !== steps) continue;
    trainer.finish(draw);
    await checkpoint?.save(record, measure());
    if (folder !== undefined) {
      await drawGanPicture(gan, join(folder, `samples-${trainer.steps}.png`));
    }
  }
  trainer.finish(draw);
}

/** Images drawn with replacement, pixels in [0, 1]. */
function drawImages(images: ImageSet): DrawRows {
  const source = imageRows(images);
  const { height, width, channels } = images.shape;
  return (n: number, random: Random) => {
    const places = Int32Array.from(random.uniform(new Float32Array(n)), (u) => Math.floor(u * images.count));
    const values = new Float32Array(n * source.width);
    source.read(places, values);
    return { x: tf.tensor4d(values, [n, height, width, channels]) };
  };
}

class Checkpoint {
  readonly #folder: string;
  readonly #path: string;
  readonly #log: MetricsLog<'step'>;
  readonly #trainer: GanTrainer;
  /** Marks the options that the run began with; another mark cannot be gone on from. */
  readonly #fingerprint: string;

  constructor(folder: string, trainer: GanTrainer, options: GanTrainOptions) {
    this.#folder = folder;
    this.#path = join(folder, 'checkpoint.safetensors');
    this.#log = new MetricsLog(join(folder, 'metrics.jsonl'), 'step');
    this.#trainer = trainer;
    this.#fingerprint = JSON.stringify(options);
  }

  async prepare(resume: boolean): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    if (resume && existsSync(this.#path)) await this.#restore();
    await this.#log.truncate(this.#trainer.steps);
  }

  async save(record: GanStepRecord, measured: Readonly<Record<string, number>>): Promise<void> {
    const { steps, state } = this.#trainer;
    await this.#log.append({ step: steps, ...measured, ...record });
    const metadata = { steps: String(steps), fingerprint: this.#fingerprint };
    await writeSafeTensors(this.#path, { tensors: state, metadata });
  }

  async #restore(): Promise<void> {
    const { tensors, metadata } = await readSafeTensors(this.#path);
    const wrong = (what: string) =>
      new PushforwardError('usage', what, {
        where: this.#path,
        mend: 'resume with the options of the first run, or start anew without --resume',
      });
    if (metadata.fingerprint !== this.#fingerprint) throw wrong('was made with other options');
    for (const [name, values] of this.#trainer.state) {
      const saved = tensors.get(name);
      if (saved?.length !== values.length) throw wrong(`has no fitting ${name}`);
      values.set(saved);
    }
    this.#trainer.resume(Number(metadata.steps));
  }
}
