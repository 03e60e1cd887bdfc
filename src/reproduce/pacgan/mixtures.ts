import { grid, type MixtureLaw, ring } from '../../data/toyLaws.js';
import { Gan } from '../../gan/gan.js';
import { mlpGanNetworks } from '../../gan/networks.js';
import { type DrawRows, GanTrainer } from '../../gan/trainer.js';
import { type ModeMetrics, modeMetrics } from '../../metrics/modes.js';
import { Random, streamOf } from '../../random.js';
import { type Tensor2D, tf } from '../../tf.js';
import type { Experiment } from '../experiment.js';
import { comparePacks, type PackComparison } from './packs.js';

const TRAINING_ROWS = 100_000;
const TEST_ROWS = 2500;
const BATCH = 100;
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
export const pacganRing = experiment('8 modes on a ring', ring, publishedRing);
/** PacGAN on 25 modes of a grid. */
export const pacganGrid = experiment('25 modes on a grid', grid, publishedGrid);

function experiment(what: string, law: MixtureLaw, published: Published): Experiment {
  const comparison: PackComparison<keyof ModeMetrics> = {
    fullSteps: 400_000,
    fullRuns: 10,
    quickSteps: 2000,
    words: {
      modes: `modes of ${law.centres.length}`,
      highQuality: 'share of high quality',
      reverseKl: 'reverse KL, nats',
    },
    published,
    run: (pac, steps, seed, next) => trainAndMeasure(law, pac, steps, seed, next),
  };
  return {
    summary: `GANs of ${what}, judged by packs of 1, 2 and 4 rows`,
    takes: ['runs'],
    source: 'Lin, Khetan, Fanti and Oh 2018, table 1',
    run: (settings) => comparePacks(comparison, settings),
  };
}

async function trainAndMeasure(
  law: MixtureLaw,
  pac: number,
  steps: number,
  seed: number,
  next: () => Promise<void>,
): Promise<ModeMetrics> {
  const sizes = { shape: [2], latentDim: 2, pac, seed };
  const gan = new Gan({ ...mlpGanNetworks(sizes, NETWORKS), shape: [2], latentDim: 2, objective: { pac } });
  try {
    const adam = { kind: 'adam', learningRate: 1e-4, beta1: 0.8 } as const;
    const options = { batchSize: BATCH, generator: adam, critic: adam, simultaneous: true, seed };
    const trainer = new GanTrainer(gan, options);
    const draw = withReplacement(law.draw(TRAINING_ROWS, new Random(seed, streamOf('training rows'))));
    for (let step = 0; step < steps; step++) {
      trainer.step(draw);
      await next();
    }
    trainer.finish(draw);
    const sample = gan.sample(TEST_ROWS, { seed }) as Tensor2D;
    const metrics = modeMetrics(sample, law.centres, law.deviation);
    sample.dispose();
    return metrics;
  } finally {
    gan.dispose();
  }
}

/** Rows drawn anew for every place of every pack, as in the authors' code. */
function withReplacement(rows: Float32Array): DrawRows {
  const count = rows.length / 2;
  return (n, random) => {
    const batch = new Float32Array(2 * n);
    random.uniform(new Float32Array(n)).forEach((u, i) => {
      const row = Math.floor(u * count);
      batch.set(rows.subarray(2 * row, 2 * row + 2), 2 * i);
    });
    return { x: tf.tensor2d(batch, [n, 2]) };
  };
}
