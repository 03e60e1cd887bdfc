import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildGan, type GanConfig } from '../../gan/config.js';
import type { Gan } from '../../gan/gan.js';
import type { GanTrainOptions } from '../../gan/trainer.js';
import { saveGan } from '../../runs/savedGan.js';
import { loadVae } from '../../runs/savedVae.js';
import type { Vae } from '../../vae/vae.js';
import type { Experiment, ExperimentSettings, Outcome } from '../experiment.js';
import { stepCounter } from '../steps.js';
import { copyWeights } from './copyWeights.js';
import { DIGIT, type Digits, readDigits } from './digits.js';
import { runGan } from './ganRun.js';
import { type DigitJudge, digitJudge, type Verdict, verdictFigures } from './judge.js';
import { checkMnistVae, trainMnistVae } from './vae.js';

const BATCH = 64;
const FULL_STEPS = 50_000;
const FULL_RUNS = 2;
/** Steps between two measurements. */
const EVERY = 1000;

/** Where the generator's first weights come from. */
const starts = ['random', 'vae'] as const;
type Start = (typeof starts)[number];
const words: Readonly<Record<Start, string>> = {
  random: 'from random weights',
  vae: "from the VAE's decoder",
};

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
  const judge = await digitJudge(digits, settings);
  try {
    const next = stepCounter(settings, steps * runs * starts.length);
    const verdicts: Record<Start, Verdict[]> = { random: [], vae: [] };
    for (let k = 0; k < runs; k++) {
      for (const start of starts) {
        const options = { kind, start, vae, digits, judge, steps, seed: seed + k, next };
        verdicts[start].push(await trainAndMeasure(options, settings));
      }
    }
    return {
      figures: [
        ...judge.figures(),
        ...verdictFigures("of the VAE's draws", [judge.verdict(vae, seed)], '0.134 (their weights)'),
        ...starts.flatMap((start) =>
          verdictFigures(`of the GAN ${words[start]}`, verdicts[start], kind.published[start]),
        ),
      ],
      remarks: [
        ...judge.remarks,
        ...kind.remarks,
        ...(steps < FULL_STEPS || runs < FULL_RUNS
          ? [`${runs} ${runs === 1 ? 'run' : 'runs'} of ${steps} steps instead of ${FULL_RUNS} of ${FULL_STEPS}.`]
          : []),
        ...(origin === undefined ? [] : [origin]),
      ],
    };
  } finally {
    judge.dispose();
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
  readonly judge: DigitJudge;
  readonly steps: number;
  readonly seed: number;
  readonly next: () => Promise<void>;
}

async function trainAndMeasure(
  { kind, start, vae, digits, judge, steps, seed, next }: GanOptions,
  settings: ExperimentSettings,
): Promise<Verdict> {
  const { folder } = settings;
  const own = folder && join(folder, `${start}-${seed}`);
  const config: GanConfig = {
    shape: [...DIGIT],
    latentDim: 2,
    networks: { kind: 'convolutional' },
    objective: { loss: kind.loss },
    seed,
  };
  const gan = await buildGan(config);
  try {
    if (start === 'vae') copyWeights(vae.latentModel.decoder.weights, gan.generator.weights);
    await runGan(
      {
        gan,
        training: { ...kind.training, seed },
        digits: digits.train,
        steps,
        every: EVERY,
        folder: own,
        measure: () => judge.verdict(gan, seed),
        next,
      },
      settings,
    );
    if (own !== undefined) await saveGan(gan, config, own);
    return judge.verdict(gan, seed);
  } finally {
    gan.dispose();
  }
}
