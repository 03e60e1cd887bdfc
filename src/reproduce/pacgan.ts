import { grid, type MixtureLaw, ring } from '../data/toyLaws.js';
import { Gan } from '../gan/gan.js';
import { mlpGanNetworks } from '../gan/networks.js';
import { type DrawRows, GanTrainer } from '../gan/trainer.js';
import { type ModeMetrics, modeMetrics } from '../metrics/modes.js';
import { Random, streamOf } from '../random.js';
import { type Tensor2D, tf } from '../tf.js';
import type { Experiment, ExperimentSettings, Figure, Outcome } from './experiment.js';
import { spreadOf } from './spread.js';
import { stepCounter } from './steps.js';

const TRAINING_ROWS = 100_000;
const TEST_ROWS = 2500;
const BATCH = 100;
const FULL_STEPS = 400_000;
const FULL_RUNS = 10;
const PACS = [1, 2, 4] as const;
const NETWORKS = {
  generatorHidden: [400, 400, 400, 400],
  batchNormalisation: true,
  criticHidden: [200, 200, 200],
  maxout: 5,
  deviation: 0.02,
};

type Published = Readonly<Record<(typeof PACS)[number], Readonly<Record<keyof ModeMetrics, string>>>>;

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
  return {
    summary: `GANs of ${what}, judged by packs of 1, 2 and 4 rows`,
    source: 'Lin, Khetan, Fanti and Oh 2018, table 1',
    run: (settings) => run(law, published, settings),
  };
}

async function run(law: MixtureLaw, published: Published, settings: ExperimentSettings): Promise<Outcome> {
  const { quick, seed } = settings;
  const steps = settings.steps ?? (quick ? 2000 : FULL_STEPS);
  const runs = settings.runs ?? (quick ? 1 : FULL_RUNS);
  const next = stepCounter(settings, steps * runs * PACS.length);
  const figures: Figure[] = [];
  for (const pac of PACS) {
    const metrics: ModeMetrics[] = [];
    for (let k = 0; k < runs; k++) metrics.push(await trainAndMeasure(law, pac, steps, seed + k, next));
    for (const [key, words] of [
      ['modes', `modes of ${law.centres.length}`],
      ['highQuality', 'share of high quality'],
      ['reverseKl', 'reverse KL, nats'],
    ] as const) {
      const values = metrics.map((one) => one[key]);
      const name = `packs of ${pac}: ${words}`;
      figures.push({ name, ...spreadOf(values), published: published[pac][key] });
    }
  }
  const isCut = steps < FULL_STEPS || runs < FULL_RUNS;
  const remarks = isCut
    ? [
        `${runs} ${runs === 1 ? 'run' : 'runs'} of ${steps} steps instead of ${FULL_RUNS} of ${FULL_STEPS}: the gain ` +
          'of packing is an average over many long runs, and short ones do not show it.',
      ]
    : [];
  return { figures, remarks };
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
