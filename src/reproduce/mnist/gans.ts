import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadVae } from '../../runs/savedVae.js';
import type { Vae } from '../../vae/vae.js';
import { budgetOf } from '../budget.js';
import type { Experiment, ExperimentSettings, Outcome } from '../experiment.js';
import { trainAndJudge } from '../ganRun.js';
import { type Digits, readDigits } from './digits.js';
import { digitGan, GAN_BATCH, type GanKind } from './ganRun.js';
import { digitJudge, shareRemark, type Verdict, verdictFigures } from './judge.js';
import { checkMnistVae, trainMnistVae } from './vae.js';

const FULL_STEPS = 50_000;
const FULL_RUNS = 2;
/** Where the generator's first weights come from. */
const starts = ['random', 'vae'] as const;
type Start = (typeof starts)[number];
const words: Readonly<Record<Start, string>> = {
  random: 'from random weights',
  vae: "from the VAE's decoder",
};

interface Kind extends GanKind {
  readonly summary: string;
  readonly quickSteps: number;
  readonly published: Readonly<Record<Start, string>>;
  readonly remarks: readonly string[];
}

const dcganRate = { kind: 'adam', learningRate: 2e-4, beta1: 0.5 } as const;
const wganRate = { kind: 'rmsProp', learningRate: 5e-5 } as const;

/** The introduction's GAN with the game as it stands. */
export const mnistDcgan = experiment({
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
    takes: ['runs', 'data', 'vae', 'resume'],
    source: 'Ruthotto and Haber 2021, section 5',
    run: (settings) => run(kind, settings),
  };
}

async function run(kind: Kind, settings: ExperimentSettings): Promise<Outcome> {
  const { quick, seed } = settings;
  const runs = settings.runs ?? (quick ? 1 : FULL_RUNS);
  const digits = await readDigits(settings.data);
  const seen = GAN_BATCH * (kind.training.criticSteps ?? 1);
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
          digitGan({
            kind,
            name: `${start}-${seed + k}`,
            decoder: start === 'vae' ? vae.latentModel.decoder : null,
            digits,
            judge,
            budget,
            seed: seed + k,
            onStep: (done) => settings.onStep?.(before + done, runs * starts.length * steps),
            onWarning: (message) => warnings.push(`Run ${k + 1} ${words[start]}: ${message}.`),
          }),
          settings,
        );
        verdicts[start].push(verdict);
      }
    }
    const digitsThemselves = judge.verdictsOfDigits();
    const vaesDraws = judge.verdict(vae, seed);
    return {
      figures: [
        { name: 'accuracy of the classifier on test digits', ours: judge.accuracy },
        ...verdictFigures('of other test digits', digitsThemselves, '0.0026'),
        ...verdictFigures("of the VAE's draws", [vaesDraws], '0.134 (their weights)'),
        ...starts.flatMap((start) =>
          verdictFigures(`of the GAN ${words[start]}`, verdicts[start], kind.published[start]),
        ),
      ],
      remarks: [
        ...judge.remarks,
        shareRemark([
          ['test digits', digitsThemselves[0] as Verdict],
          ["the VAE's draws", vaesDraws],
          ...starts.flatMap((start) =>
            verdicts[start].map((verdict, k) => [`run ${k + 1} ${words[start]}`, verdict] as const),
          ),
        ]),
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
