import { join } from 'node:path';
import { moons } from '../data/toyLaws.js';
import { AffineCoupling } from '../flows/affineCoupling.js';
import { Flow } from '../flows/flow.js';
import { Random, streamOf } from '../random.js';
import { functionPixels, pointPixels, writePlanePicture } from '../report/planePicture.js';
import { type Tensor1D, tf } from '../tf.js';
import { flowTrainer } from '../train/flowTrainer.js';
import { cosineRate } from '../train/schedule.js';
import type { Experiment, ExperimentSettings, Outcome } from './experiment.js';
import { stepCounter } from './steps.js';

const NOISE = 0.05;
const BATCH = 256;
const LAYERS = 6;
const TEST_ROWS = 100_000;
const PICTURED = 2000;
/** Holds all but e⁻⁵⁰ of the law. */
const BOX = { left: -2, right: 3, low: -1.5, high: 2 };
const PICTURED_BOX = { left: -1.5, right: 2.5, low: -1.75, high: 2.25 };
const CODES_BOX = { left: -4, right: 4, low: -4, high: 4 };

/** The introduction's normalizing flow of two moons. */
export const moonsRealNvp: Experiment = {
  summary: 'Real NVP of two moons: 6 affine couplings with networks 2-128-128-2 for s and t',
  takes: [],
  source: 'Ruthotto and Haber 2021, section 3.1',
  run,
};

async function run(settings: ExperimentSettings): Promise<Outcome> {
  const { quick, seed } = settings;
  const steps = settings.steps ?? (quick ? 4000 : 20_000);
  const law = moons(NOISE);
  const flow = new Flow({ dim: 2, bijections: couplings(), seed });
  try {
    const update = flowTrainer(flow);
    const next = stepCounter(settings, steps);
    for (let step = 1; step <= steps; step++) {
      const rows = law.draw(BATCH, new Random(seed, streamOf('moons', step)));
      // The published rate is constant; a short run needs a greater one, which then has to fall.
      update(rows, null, quick ? cosineRate(2e-3, step, steps) : 1e-4);
      await next();
    }
    if (settings.folder !== undefined) await drawPicture(flow, seed, join(settings.folder, 'moons.png'));
    return {
      figures: [
        {
          name: 'negative log-likelihood of fresh rows, nats',
          ours: negativeLogLikelihood(flow, law.draw(TEST_ROWS, new Random(seed, streamOf('moons test')))),
          published: '0.339 (their weights, with the right log-determinant); entropy of the law 0.293',
        },
        { name: 'integral of the density', ours: integral(flow), published: '1' },
        { name: 'greatest error of g(g⁻¹(x))', ours: roundTrip(flow, law.draw(1000, new Random(seed, 1))) },
      ],
      remarks: [
        'The published −5.65 counts s of the masked coordinates in the log-determinant, which are never scaled: ' +
          'one nat too many for each layer. Here only what is scaled counts.',
        ...(quick
          ? [`${steps} steps instead of 20,000, at a falling learning rate from 2e-3 instead of 1e-4.`]
          : []),
      ],
    };
  } finally {
    flow.dispose();
  }
}

function couplings(): AffineCoupling[] {
  return Array.from({ length: LAYERS }, (_, k) => {
    const halves = k % 2 === 0 ? { identity: [0], transformed: [1] } : { identity: [1], transformed: [0] };
    return new AffineCoupling({
      dim: 2,
      ...halves,
      hidden: [128, 128],
      activation: 'leakyRelu',
      networks: 'separate',
    });
  });
}

/** Moons, what the flow draws, its density, and where it takes the moons: a standard normal law if it is right. */
async function drawPicture(flow: Flow, seed: number, path: string): Promise<void> {
  const rows = moons(NOISE).draw(PICTURED, new Random(seed, streamOf('moons picture')));
  const [draws, codes] = tf.tidy(() => [
    flow.sample(PICTURED, { seed }).dataSync<'float32'>().slice(),
    flow
      .forward(tf.tensor2d(rows, [PICTURED, 2]))
      .z.dataSync<'float32'>()
      .slice(),
  ]) as [Float32Array, Float32Array];
  await writePlanePicture(path, [
    pointPixels(rows, PICTURED_BOX),
    pointPixels(draws, PICTURED_BOX),
    functionPixels(
      (points) => tf.tidy(() => tf.exp(logProb(flow, points)).dataSync<'float32'>().slice()),
      PICTURED_BOX,
    ),
    pointPixels(codes, CODES_BOX),
  ]);
}

function logProb(flow: Flow, rows: Float32Array): Tensor1D {
  return flow.logProb(tf.tensor2d(rows, [rows.length / 2, 2]));
}

function negativeLogLikelihood(flow: Flow, rows: Float32Array): number {
  return tf.tidy(() => -(tf.mean(logProb(flow, rows)).dataSync()[0] as number));
}

/** By the midpoint rule over the box, in cells a fifth of the noise wide. */
function integral(flow: Flow): number {
  const { left, right, low, high } = BOX;
  const cell = NOISE / 5;
  const [columns, lines] = [Math.round((right - left) / cell), Math.round((high - low) / cell)];
  let sum = 0;
  for (let line = 0; line < lines; line++) {
    const rows = new Float32Array(2 * columns);
    for (let k = 0; k < columns; k++) {
      rows[2 * k] = left + (k + 0.5) * cell;
      rows[2 * k + 1] = low + (line + 0.5) * cell;
    }
    sum += tf.tidy(() => tf.sum(tf.exp(logProb(flow, rows))).dataSync()[0] as number) * cell ** 2;
  }
  return sum;
}

function roundTrip(flow: Flow, rows: Float32Array): number {
  return tf.tidy(() => {
    const x = tf.tensor2d(rows, [rows.length / 2, 2]);
    const back = flow.inverse(flow.forward(x).z).x;
    return tf.max(tf.abs(tf.sub(back, x))).dataSync()[0] as number;
  });
}
