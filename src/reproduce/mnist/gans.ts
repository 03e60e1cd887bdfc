import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { imageRows } from '../../data/images/imageRows.js';
import { PushforwardError } from '../../errors.js';
import { buildGan, type GanConfig } from '../../gan/config.js';
import { type FitGanOptions, fitGan } from '../../runs/fitGan.js';
import { MetricsLog } from '../../runs/metricsLog.js';
import { saveGan } from '../../runs/savedGan.js';
import { loadVae } from '../../runs/savedVae.js';
import type { Vae } from '../../vae/vae.js';
import type { Experiment, ExperimentSettings, Outcome } from '../experiment.js';
import { type Budget, budgetOf } from './budget.js';
import { copyWeights } from './copyWeights.js';
import { DIGIT, type Digits, firstImages, readDigits } from './digits.js';
import { type DigitJudge, digitJudge, type Verdict, verdictFigures } from './judge.js';
import { drawGanPicture } from './pictures.js';
import { checkMnistVae, trainMnistVae } from './vae.js';

const BATCH = 64;
const FULL_STEPS = 50_000;
const FULL_RUNS = 2;
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
  readonly training: Pick<FitGanOptions, 'generator' | 'critic' | 'criticSteps' | 'clip'>;
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
  training: { generator: dcganRate, critic: dcganRate },
  quickSteps: 500,
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
  training: { generator: wganRate, critic: wganRate, criticSteps: 5, clip: 0.01 },
  quickSteps: 180,
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
  const runs = settings.runs ?? (quick ? 1 : FULL_RUNS);
  const digits = await readDigits(settings.data);
  const seen = BATCH * (kind.training.criticSteps ?? 1);
  const wanted = settings.steps ?? (quick ? kind.quickSteps : FULL_STEPS);
  const budget = budgetOf(wanted, digits.train.count, seen);
  const { steps } = budget;
  const { vae, origin } = await startingVae(digits, settings);
  const judge = await digitJudge(digits, settings);
  try {
    const verdicts: Record<Start, Verdict[]> = { random: [], vae: [] };
    const warnings: string[] = [];
    for (let k = 0; k < runs; k++) {
      for (const [i, start] of starts.entries()) {
        const before = (k * starts.length + i) * steps;
        const verdict = await trainAndJudge(
          {
            kind,
            start,
            vae,
            digits,
            judge,
            budget,
            seed: seed + k,
            onStep: (done) => settings.onStep?.(before + done, runs * starts.length * steps),
            onWarning: (message) => warnings.push(`Run ${k + 1} ${words[start]}: ${message}.`),
          },
          settings,
        );
        verdicts[start].push(verdict);
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
          ? [
              `${runs} ${runs === 1 ? 'run' : 'runs'} of ${steps} steps instead of ${FULL_RUNS} of ${FULL_STEPS}.`,
            ]
          : []),
        ...(origin === undefined ? [] : [origin]),
        ...warnings,
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
  const { vae } = await trainMnistVae(digits, own, beside);
  return {
    vae,
    origin: 'The VAE was trained for this by the budget of mnist-vae; --vae takes one that has been.',
  };
}

interface GanRun {
  readonly kind: Kind;
  readonly start: Start;
  readonly vae: Vae;
  readonly digits: Digits;
  readonly judge: DigitJudge;
  readonly budget: Budget;
  readonly seed: number;
  /** Told how many of its own steps the run has done. */
  readonly onStep: (done: number) => void;
  readonly onWarning: (message: string) => void;
}

/**
 * Trains one GAN and judges it. With a folder, each epoch adds its figures and the verdict to `metrics.jsonl`, draws
 * with one seed to `samples-STEPS.png`, and leaves a checkpoint.
 */
async function trainAndJudge(
  { kind, start, vae, digits, judge, budget, seed, onStep, onWarning }: GanRun,
  { folder, resume = false, signal }: ExperimentSettings,
): Promise<Verdict> {
  const own = folder && join(folder, `${start}-${seed}`);
  const log = own === undefined ? undefined : new MetricsLog(join(own, 'metrics.jsonl'));
  if (own !== undefined) await mkdir(own, { recursive: true });
  if (!resume) await log?.truncate(0);
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
    const { rows, epochs, steps } = budget;
    const { aborted, steps: done } = await fitGan(gan, {
      ...kind.training,
      training: { x: imageRows(firstImages(digits.train, rows)) },
      epochs,
      batchSize: BATCH,
      seed,
      onWarning,
      onStep: (epoch, step, perEpoch) => onStep((epoch - 1) * perEpoch + step),
      onResume: (epoch) => log?.truncate(epoch),
      onEpoch: async (record) => {
        if (own === undefined) return;
        await log?.append({ ...record, ...judge.verdict(gan, seed) });
        await drawGanPicture(gan, join(own, `samples-${record.steps}.png`));
      },
      ...(signal === undefined ? {} : { signal }),
      ...(own === undefined
        ? {}
        : {
            checkpoint: {
              path: join(own, 'checkpoint.safetensors'),
              fingerprint: JSON.stringify({ config, training: kind.training, rows, seed, start }),
              resume,
            },
          }),
    });
    if (aborted) {
      throw new PushforwardError('aborted', `stopped after ${done} of ${steps} steps of a GAN`, {
        mend: own === undefined ? 'run it again' : 'go on from the last epoch with --resume',
      });
    }
    if (own !== undefined) await saveGan(gan, config, own);
    return judge.verdict(gan, seed);
  } finally {
    gan.dispose();
  }
}
