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
const FULL_STEPS = 120_000;
const QUICK_STEPS = 300;

/** Importance-weighted autoencoders (Burda, Grosse and Salakhutdinov 2016) of the same digits and networks. */
export const mnistIwae: Experiment = {
  summary: 'IWAE of binarised MNIST with 5 and 50 draws, networks as in mnist-vae-50',
  source: 'Burda, Grosse and Salakhutdinov 2016; Chadebec, Vincent and Allassonnière 2022 (pythae)',
  run,
};

async function run(settings: ExperimentSettings): Promise<Outcome> {
  const { quick, vae: from } = settings;
  const steps = settings.steps ?? (quick ? QUICK_STEPS : FULL_STEPS);
  const digits = await readDigits(settings.data);
  const start = from === undefined ? undefined : (await loadVae(from)).vae;
  const measurement = measurementOf(settings);
  const figures: Figure[] = [];
  try {
    for (const [i, samples] of DRAWS.entries()) {
      const vae = await trainBinaryVae(
        digits,
        {
          objective: { bound: 'iwae', samples },
          steps,
          folder: folderOf(settings, `k${samples}`),
          start,
          before: i * steps,
          total: DRAWS.length * steps,
        },
        settings,
      );
      try {
        const estimates = await measure(vae, digits, measurement, settings);
        const published = samples === 50 ? '86.82 (pythae)' : '';
        figures.push(...nllFigures(`k = ${samples}: `, estimates, measurement, published));
      } finally {
        vae.dispose();
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
    ],
  };
}
