import type { ImageSet } from '../../data/images/imageSet.js';
import { Gan } from '../../gan/gan.js';
import type { ImageClassifier } from '../../metrics/imageClassifier.js';
import { labelModes, type ModeMetrics } from '../../metrics/modes.js';
import { Random, streamOf } from '../../random.js';
import { writeImageGrid } from '../../report/imageGrid.js';
import { tf } from '../../tf.js';
import type { Experiment, ExperimentSettings, Outcome } from '../experiment.js';
import type { GanRun } from '../ganRun.js';
import { readDigits } from '../mnist/digits.js';
import { digitClassifier } from '../mnist/recognition.js';
import { comparePacks, type PackComparison, type PackRun } from './packs.js';
import { STACKED, STACKED_MODES, stackedLabels, stackedRows } from './stackedDigits.js';
import { STACKED_LATENTS, stackedNetworks } from './stackedNetworks.js';

/** Draws whose modes are counted, where there are as many training digits. */
const TEST_IMAGES = 26_000;
const BATCH = 64;
/** An epoch of the training images by single ones. */
const EPOCH_STEPS = 2000;
const FULL_WIDTH = 64;
const QUICK_WIDTH = 16;
const PICTURED = 100;
/** Images that are made and told together. */
const PART = 1000;
const ADAM = { kind: 'adam', learningRate: 2e-4, beta1: 0.5 } as const;

type Measured = keyof Omit<ModeMetrics, 'highQuality'>;

/** PacGAN on stacked digits. */
export const pacganStacked: Experiment = {
  summary: 'GANs of 1000 modes, three digits of MNIST each, judged by packs of 1, 2 and 4 images',
  takes: ['runs', 'data', 'resume'],
  source: 'Lin, Khetan, Fanti and Oh 2018, table 2',
  run,
};

async function run(settings: ExperimentSettings): Promise<Outcome> {
  const { quick } = settings;
  const digits = await readDigits(settings.data);
  const judge = await digitClassifier(digits, settings);
  const shared = {
    width: quick ? QUICK_WIDTH : FULL_WIDTH,
    digits: digits.train,
    classifier: judge.classifier,
    images: Math.min(TEST_IMAGES, digits.train.count),
  };
  try {
    const comparison: PackComparison<Measured> = {
      fullSteps: 100_000,
      fullRuns: 10,
      quickSteps: 400,
      epochSteps: EPOCH_STEPS,
      words: { modes: 'modes of 1000', reverseKl: 'reverse KL, nats' },
      published: {
        1: { modes: '78.9 ± 6.5', reverseKl: '4.50' },
        2: { modes: '1000.0 ± 0.0', reverseKl: '0.06' },
        4: { modes: '1000.0 ± 0.0', reverseKl: '0.07' },
      },
      gan: (run) => stackedGan({ ...shared, run }),
    };
    const { figures, remarks } = await comparePacks(comparison, settings);
    const accuracy = (100 * judge.accuracy).toFixed(1);
    return {
      figures,
      remarks: [
        ...remarks,
        ...(quick ? [`Networks of ${QUICK_WIDTH} channels at first instead of ${FULL_WIDTH}.`] : []),
        `Modes are told by pushforward's own classifier, right in ${accuracy} % of the test digits; what it makes of ` +
          'pictures that are no digits counts as modes too.',
      ],
    };
  } finally {
    judge.classifier.dispose();
  }
}

export interface StackedGan {
  readonly run: PackRun;
  /** See `stackedNetworks`. */
  readonly width: number;
  readonly digits: ImageSet;
  readonly classifier: Pick<ImageClassifier, 'labels'>;
  /** Drawn to count the modes of. */
  readonly images: number;
}

/** One GAN of stacked digits, judged by the modes that it draws. */
export function stackedGan({
  run,
  width,
  digits,
  classifier,
  images,
}: StackedGan): GanRun<Readonly<Record<Measured, number>>> {
  const { pac, seed, epochs, epochSteps } = run;
  return {
    ...run,
    build: () =>
      new Gan({
        ...stackedNetworks({ pac, width, seed }),
        shape: STACKED,
        latentDim: STACKED_LATENTS,
        objective: { pac, latent: 'uniform' },
      }),
    fingerprint: { width, pac, adam: ADAM, batch: BATCH, digits: digits.count, epochSteps, seed },
    fit: {
      training: { x: stackedRows(digits, seed) },
      batchSize: BATCH * pac,
      generator: ADAM,
      critic: ADAM,
      generatorSteps: 2,
      epochs,
      epochSteps,
      seed,
    },
    judge: (gan) => countModes(gan, classifier, images, seed),
    picture: drawPicture,
  };
}

function countModes(
  gan: Gan,
  classifier: StackedGan['classifier'],
  images: number,
  seed: number,
): Readonly<Record<Measured, number>> {
  const labels = new Int32Array(images);
  const random = new Random(seed, streamOf('test images'));
  for (let first = 0; first < images; first += PART) {
    tf.tidy(() => {
      const part = gan.generate(gan.latent(Math.min(PART, images - first), random));
      labels.set(stackedLabels(classifier, part), first);
    });
  }
  return labelModes(labels, STACKED_MODES);
}

async function drawPicture(gan: Gan, path: string): Promise<void> {
  const values = tf.tidy(() => gan.sample(PICTURED, { seed: 0 }).dataSync<'float32'>().slice());
  const [height, width, channels] = STACKED;
  await writeImageGrid(path, values, { height, width, channels }, { range: 'symmetric', scale: 1 });
}
