import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Gan } from '../../gan/gan.js';
import { convolutionalGanNetworks } from '../../gan/networks.js';
import type { GanTrainOptions } from '../../gan/trainer.js';
import { energyStatistic } from '../../metrics/energy.js';
import { loadVae } from '../../runs/savedVae.js';
import { type Tensor, tf } from '../../tf.js';
import type { Vae } from '../../vae/vae.js';
import type { Experiment, ExperimentSettings, Figure, Outcome } from '../experiment.js';
import { spreadOf } from '../spread.js';
import { stepCounter } from '../steps.js';
import { copyWeights } from './copyWeights.js';
import { DIGIT, type Digits, firstImages, imageTensor, readDigits, shuffled } from './digits.js';
import { runGan } from './ganRun.js';
import { checkMnistVae, trainMnistVae } from './vae.js';

const BATCH = 64;
const FULL_STEPS = 50_000;
const FULL_RUNS = 2;
/** Rows of both samples that the energy statistic compares. */
const ROWS = 2000;
/** Steps between two measurements. */
const EVERY = 1000;

/** Where the generator's first weights come from. */
const starts = ['random', 'vae'] as const;
type Start = (typeof starts)[number];
const words: Readonly<Record<Start, string>> = { random: 'from random weights', vae: "from the VAE's decoder" };

interface Kind {
  readonly name: 'mnist-dcgan' | 'mnist-wgan';
  readonly summary: string;
  readonly loss: 'minimax' | 'wasserstein';
  readonly training: Omit<GanTrainOptions, 'seed'>;
  readonly quickSteps: number;
  readonly published: Readonly<Record<Start, string>>;
  readonly remarks: readonly string[];
}

const dcganRate = { kind: 'adam', learningRate: 2e-4, beta1: 0.5 } as const;
const wganRate = { kind: 'rmsProp', learningRate: 5e-5 } as const;

/** The introduction's GAN with the game as it stands. */
export const mnistDcgan = experiment({
  name: 'mnist-dcgan',
  summary: "DCGAN of MNIST, from random weights and from the VAE's decoder",
  loss: 'minimax',
  training: { batchSize: BATCH, generator: dcganRate, critic: dcganRate },
  quickSteps: 300,
  published: { random: '0.055 (their weights)', vae: '0.044 (their weights)' },
  remarks: [
    'The generator minimises E log(1 − D(g(z))), as the published code does where its comment says otherwise.',
  ],
});

/** The introduction's GAN with clipped weights. */
export const mnistWgan = experiment({
  name: 'mnist-wgan',
  summary: "Wasserstein GAN of MNIST, from random weights and from the VAE's decoder",
  loss: 'wasserstein',
  training: { batchSize: BATCH, generator: wganRate, critic: wganRate, criticSteps: 5, clip: 0.01 },
  quickSteps: 80,
  published: { random: '0.037 (their weights)', vae: '0.032 (their weights)' },
  remarks: [],
});

function experiment(kind: Kind): Experiment {
  return {
    summary: kind.summary,
    source: 'Ruthotto and Haber 2021, section 5',
    run: (settings) => run(kind, settings),
  };
}

async function run(kind: Kind, settings: ExperimentSettings): Promise<Outcome> {
  const { quick, seed } = settings;
  const steps = settings.steps ?? (quick ? kind.quickSteps : FULL_STEPS);
  const runs = settings.runs ?? (quick ? 1 : FULL_RUNS);
  const digits = await readDigits(settings.data);
  const { vae, origin } = await startingVae(digits, settings);
  const test = shuffled(digits.test, 0);
  const real = imageTensor(firstImages(test, ROWS));
  try {
    const next = stepCounter(settings, steps * runs * starts.length);
    const energies: Record<Start, number[]> = { random: [], vae: [] };
    for (let k = 0; k < runs; k++) {
      for (const start of starts) {
        const options = { kind, start, vae, digits, real, steps, seed: seed + k, next };
        energies[start].push(await trainAndMeasure(options, settings));
      }
    }
    const others = imageTensor({
      ...test,
      count: ROWS,
      pixels: test.pixels.subarray(ROWS * 784, 2 * ROWS * 784),
    });
    const floor = energyStatistic(others, real);
    others.dispose();
    return {
      figures: [
        { name: `energy, ${ROWS} test digits against ${ROWS} others`, ours: floor, published: '0.0026' },
        { name: "energy of the VAE's draws", ours: energyOf(vae, real, seed), published: '0.134 (their weights)' },
        ...starts.map(
          (start): Figure => ({
            name: `energy of the GAN's draws, ${words[start]}`,
            ...spreadOf(energies[start]),
            published: kind.published[start],
          }),
        ),
      ],
      remarks: [
        'Energy statistic of the published code for 2,000 draws against 2,000 test digits, its sum over 1,000 steps ' +
          "divided by these; the generator's batch normalisation goes by statistics over 20 batches of its own.",
        ...kind.remarks,
        ...(steps < FULL_STEPS || runs < FULL_RUNS
          ? [`${runs} ${runs === 1 ? 'run' : 'runs'} of ${steps} steps instead of ${FULL_RUNS} of ${FULL_STEPS}.`]
          : []),
        ...(origin === undefined ? [] : [origin]),
      ],
    };
  } finally {
    real.dispose();
    vae.dispose();
  }
}

/** The VAE of the settings, or the one that `mnist-vae` saved beside, or one that is trained now. */
async function startingVae(
  digits: Digits,
  settings: ExperimentSettings,
): Promise<{ vae: Vae; origin: string | undefined }> {
  const { folder } = settings;
  const beside = folder && join(folder, '..', 'mnist-vae');
  const from = settings.vae ?? (beside && existsSync(join(beside, 'vae.json')) ? beside : undefined);
  if (from !== undefined) {
    const { vae } = await loadVae(from);
    checkMnistVae(vae, from);
    return { vae, origin: undefined };
  }
  const { steps: _, onStep: __, ...own } = settings;
  const vae = await trainMnistVae(digits, own, beside);
  return {
    vae,
    origin: 'The VAE was trained for this by the budget of mnist-vae; --vae takes one that has been.',
  };
}

interface GanOptions {
  readonly kind: Kind;
  readonly start: Start;
  readonly vae: Vae;
  readonly digits: Digits;
  readonly real: Tensor;
  readonly steps: number;
  readonly seed: number;
  readonly next: () => Promise<void>;
}

async function trainAndMeasure(
  { kind, start, vae, digits, real, steps, seed, next }: GanOptions,
  settings: ExperimentSettings,
): Promise<number> {
  const { folder } = settings;
  const networks = convolutionalGanNetworks({ shape: DIGIT, latentDim: 2, seed });
  const gan = new Gan({ ...networks, shape: DIGIT, latentDim: 2, objective: { loss: kind.loss } });
  try {
    if (start === 'vae') copyWeights(vae.latentModel.decoder.weights, gan.generator.weights);
    await runGan(
      {
        gan,
        training: { ...kind.training, seed },
        digits: digits.train,
        steps,
        every: EVERY,
        folder: folder && join(folder, `${start}-${seed}`),
        measure: () => ({ energy: energyOf(gan, real, seed) }),
        next,
      },
      settings,
    );
    return energyOf(gan, real, seed);
  } finally {
    gan.dispose();
  }
}

/** The energy statistic of as many draws as there are real rows. */
function energyOf(model: Gan | Vae, real: Tensor, seed: number): number {
  return tf.tidy(() => energyStatistic(model.sample(real.shape[0] as number, { seed }), real));
}
