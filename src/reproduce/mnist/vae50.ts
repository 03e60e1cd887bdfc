import type { Experiment, ExperimentSettings, Outcome } from '../experiment.js';
import {
  BATCH,
  binaryTensor,
  estimateRemark,
  measure,
  measurementOf,
  nllFigures,
  trainBinaryVae,
} from './binaryVae.js';
import { firstImages, readDigits } from './digits.js';
import { meanBounds } from './likelihoods.js';
import { drawVaePictures } from './pictures.js';

const FULL_STEPS = 120_000;
const QUICK_STEPS = 1500;

/** The VAE that published likelihoods of binary digits are of. */
export const mnistVae50: Experiment = {
  summary: 'VAE of binarised MNIST with 50 latents, perceptrons 500-500: its likelihood',
  takes: ['data', 'resume'],
  source: 'Chadebec, Vincent and Allassonnière 2022 (pythae), reproduction of binary MNIST',
  run,
};

async function run(settings: ExperimentSettings): Promise<Outcome> {
  const { quick, seed, folder, signal } = settings;
  const budget = settings.steps ?? (quick ? QUICK_STEPS : FULL_STEPS);
  const digits = await readDigits(settings.data);
  const { vae, steps } = await trainBinaryVae(digits, { objective: {}, steps: budget, folder }, settings);
  try {
    const measurement = measurementOf(settings);
    const x = binaryTensor(firstImages(digits.test, measurement.rows), seed);
    const { elbo, kl } = await meanBounds(vae, x, seed, signal);
    const { activeUnits } = vae.latentStatistics(x);
    if (folder !== undefined) await drawVaePictures(vae, x, folder);
    x.dispose();
    const estimates = await measure(vae, digits, measurement, settings);
    return {
      figures: [
        ...nllFigures('', estimates, measurement, '89.8 (by 200 samples)'),
        { name: '−ELBO, nats', ours: -elbo },
        { name: 'KL divergence, nats', ours: kl },
        { name: 'active latents of 50', ours: activeUnits },
      ],
      remarks: [
        estimateRemark(measurement),
        'Training digits are drawn anew as zeros and ones in each epoch, test digits once.',
        ...(steps < FULL_STEPS ? [`${steps} steps of ${BATCH} digits instead of ${FULL_STEPS}.`] : []),
      ],
    };
  } finally {
    vae.dispose();
  }
}
