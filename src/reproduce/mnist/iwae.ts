import { loadVae } from '../../runs/savedVae.js';
import type { Experiment, ExperimentSettings, Figure, Outcome } from '../experiment.js';
import {
  BATCH,
  estimateRemark,
  folderOf,
  measure,
  measurementOf,
  nllFigures,
  trainBinaryVae,
} from './binaryVae.js';
import { readDigits } from './digits.js';

const DRAWS = [5, 50] as const;
const published: Readonly<Record<number, string>> = { 50: '86.82 (pythae)' };
const FULL_STEPS = 120_000;
const QUICK_STEPS = 300;

/** Importance-weighted autoencoders (Burda, Grosse and Salakhutdinov 2016) of the same digits and networks. */
export const mnistIwae: Experiment = {
  summary: 'IWAE of binarised MNIST with 5 and 50 draws, networks as in mnist-vae-50',
  takes: ['data', 'vae', 'resume'],
  source: 'Burda, Grosse and Salakhutdinov 2016; Chadebec, Vincent and Allassonnière 2022 (pythae)',
  run,
};

async function run(settings: ExperimentSettings): Promise<Outcome> {
  const { quick, vae: from } = settings;
  const budget = settings.steps ?? (quick ? QUICK_STEPS : FULL_STEPS);
  const digits = await readDigits(settings.data);
  const start = from === undefined ? undefined : (await loadVae(from)).vae;
  const measurement = measurementOf(settings);
  const figures: Figure[] = [];
  const unmoved: string[] = [];
  let steps = 0;
  try {
    for (const [run, samples] of DRAWS.entries()) {
      const fitted = await trainBinaryVae(
        digits,
        {
          objective: { bound: 'iwae', samples },
          steps: budget,
          folder: folderOf(settings, `k${samples}`),
          start,
          place: { run, of: DRAWS.length },
        },
        settings,
      );
      steps = fitted.steps;
      if (fitted.bestEpoch === 0) {
        unmoved.push(
          `k = ${samples}: no epoch came past the first weights on the validation digits: its figures are theirs.`,
        );
      }
      try {
        const estimates = await measure(fitted.vae, digits, measurement, settings);
        figures.push(...nllFigures(`k = ${samples}: `, estimates, measurement, published[samples]));
      } finally {
        fitted.vae.dispose();
      }
    }
  } finally {
    start?.dispose();
  }
  return {
    figures,
    remarks: [
      estimateRemark(measurement),
      ...(start === undefined
        ? []
        : [
            `Both start from the weights of the VAE in ${from}, not from random ones: training has been cut so.`,
          ]),
      ...(steps < FULL_STEPS ? [`${steps} steps of ${BATCH} digits instead of ${FULL_STEPS}.`] : []),
      ...unmoved,
    ],
  };
}
