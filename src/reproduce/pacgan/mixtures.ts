import { arrayRows } from '../../data/rowSource.js';
import { grid, type MixtureLaw, ring } from '../../data/toyLaws.js';
import { buildGan, type GanConfig } from '../../gan/config.js';
import type { Gan } from '../../gan/gan.js';
import { type ModeMetrics, modeMetrics } from '../../metrics/modes.js';
import { Random, streamOf } from '../../random.js';
import { pointPixels, writePlanePicture } from '../../report/planePicture.js';
import { type Tensor2D, tf } from '../../tf.js';
import type { Experiment } from '../experiment.js';
import type { GanRun } from '../ganRun.js';
import { comparePacks, type PackComparison, type PackRun } from './packs.js';

const TRAINING_ROWS = 100_000;
const TEST_ROWS = 2500;
const BATCH = 100;
const ADAM = { kind: 'adam', learningRate: 1e-4, beta1: 0.8 } as const;
const NETWORKS = {
  generatorHidden: [400, 400, 400, 400],
  batchNormalisation: true,
  criticHidden: [200, 200, 200],
  maxout: 5,
  deviation: 0.02,
};

type Published = PackComparison<keyof ModeMetrics>['published'];

/** Table 1 of the paper. */
const publishedRing: Published = {
  1: { modes: '6.3 ± 0.5', highQuality: '98.2 %', reverseKl: '0.45 ± 0.09' },
  2: { modes: '7.9 ± 0.1', highQuality: '95.6 %', reverseKl: '0.07 ± 0.03' },
  4: { modes: '7.8 ± 0.1', highQuality: '95.9 %', reverseKl: '0.07' },
};
const publishedGrid: Published = {
  1: { modes: '17.3 ± 0.8', highQuality: '94.8 %', reverseKl: '0.70 ± 0.07' },
  2: { modes: '23.8 ± 0.7', highQuality: '91.3 %', reverseKl: '0.13 ± 0.04' },
  4: { modes: '24.8 ± 0.2', highQuality: '93.6 %', reverseKl: '0.04 ± 0.01' },
};

/** PacGAN on 8 modes of a ring. */
export const pacganRing = experiment('8 modes on a ring', ring, 1.5, publishedRing);
/** PacGAN on 25 modes of a grid. */
export const pacganGrid = experiment('25 modes on a grid', grid, 6, publishedGrid);

/** @param reach the picture's, from its middle. */
function experiment(what: string, law: MixtureLaw, reach: number, published: Published): Experiment {
  return {
    summary: `GANs of ${what}, judged by packs of 1, 2 and 4 rows`,
    takes: ['runs', 'resume'],
    source: 'Lin, Khetan, Fanti and Oh 2018, table 1',
    run: (settings) =>
      comparePacks(
        {
          fullSteps: 400_000,
          fullRuns: 10,
          quickSteps: 2000,
          epochSteps: 1000,
          words: {
            modes: `modes of ${law.centres.length}`,
            highQuality: 'share of high quality',
            reverseKl: 'reverse KL, nats',
          },
          published,
          gan: (run) => mixtureGan(law, reach, run),
        },
        settings,
      ),
  };
}

function mixtureGan(law: MixtureLaw, reach: number, run: PackRun): GanRun<ModeMetrics> {
  const { pac, seed, epochs, epochSteps } = run;
  const config: GanConfig = {
    shape: [2],
    latentDim: 2,
    networks: { kind: 'mlp', ...NETWORKS },
    objective: { pac },
    seed,
  };
  const rows = law.draw(TRAINING_ROWS, new Random(seed, streamOf('training rows')));
  return {
    ...run,
    config,
    build: () => buildGan(config),
    fingerprint: { config, adam: ADAM, centres: law.centres, batch: BATCH, epochSteps, seed },
    fit: {
      // Rows are drawn anew for every place of every pack, as in the authors' code.
      training: { x: arrayRows(rows, 2) },
      batchSize: BATCH * pac,
      generator: ADAM,
      critic: ADAM,
      simultaneous: true,
      epochs,
      epochSteps,
      seed,
    },
    judge: (gan) => tf.tidy(() => ({ ...modeMetrics(drawn(gan, seed), law.centres, law.deviation) })),
    picture: async (gan, path) => {
      const draws = tf.tidy(() => drawn(gan, seed).dataSync<'float32'>().slice());
      const box = { left: -reach, right: reach, low: -reach, high: reach };
      await writePlanePicture(path, [
        pointPixels(rows.subarray(0, 2 * TEST_ROWS), box),
        pointPixels(draws, box),
      ]);
    },
  };
}

function drawn(gan: Gan, seed: number): Tensor2D {
  return gan.sample(TEST_ROWS, { seed }) as Tensor2D;
}
