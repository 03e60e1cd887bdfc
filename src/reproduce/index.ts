import '../backend/index.js';
import { join } from 'node:path';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { type Experiment, type ExperimentSettings, type Outcome, specialSettings } from './experiment.js';
import { mnistDcgan, mnistWgan } from './mnist/gans.js';
import { mnistIwae } from './mnist/iwae.js';
import { mnistVae } from './mnist/vae.js';
import { mnistVae50 } from './mnist/vae50.js';
import { moonsRealNvp } from './moonsRealNvp.js';
import { type ExperimentName, experimentNames } from './names.js';
import { pacganGrid, pacganRing } from './pacgan/mixtures.js';
import { pacganStacked } from './pacgan/stacked.js';

const experiments: Readonly<Record<ExperimentName, Experiment>> = {
  'moons-realnvp': moonsRealNvp,
  'pacgan-ring': pacganRing,
  'pacgan-grid': pacganGrid,
  'pacgan-stacked': pacganStacked,
  'mnist-vae': mnistVae,
  'mnist-vae-50': mnistVae50,
  'mnist-iwae': mnistIwae,
  'mnist-dcgan': mnistDcgan,
  'mnist-wgan': mnistWgan,
};

export interface ReproduceSettings extends Omit<ExperimentSettings, 'folder'> {
  /** Folder for the JSON, and for a folder of the experiment's name beside it; absent writes nothing. */
  readonly out?: string;
}

/** An experiment's outcome with what it was run with. */
export interface Reproduction extends Outcome {
  readonly experiment: string;
  readonly source: string;
  readonly quick: boolean;
  readonly seed: number;
  readonly seconds: number;
}

/**
 * Runs a published experiment and writes its figures to `NAME.json` in the folder `out`, and pictures, weights and
 * checkpoints, of experiments that have them, to the folder `NAME` beside it.
 * @throws PushforwardError `usage` for a name that is none, and what the experiment throws.
 */
export async function reproduce(
  name: string,
  { out, ...settings }: ReproduceSettings,
): Promise<Reproduction> {
  const known = experimentNames.find((one) => one === name);
  if (known === undefined) {
    throw new PushforwardError('usage', `no experiment is called ${name}`, {
      mend: `give one of ${experimentNames.join(', ')}`,
    });
  }
  if (settings.resume && out === undefined) {
    throw new PushforwardError('usage', 'no checkpoints to go on from without a folder', {
      mend: 'give the --out of the run before',
    });
  }
  const experiment = experiments[known];
  const useless = specialSettings.find((one) => settings[one] && !experiment.takes.includes(one));
  if (useless !== undefined) {
    throw new PushforwardError('usage', `${known} has no use for ${useless}`, { mend: 'leave it out' });
  }
  const start = performance.now();
  const outcome = await experiment.run({
    ...settings,
    ...(out === undefined ? {} : { folder: join(out, known) }),
  });
  const { quick, seed } = settings;
  const seconds = (performance.now() - start) / 1000;
  const reproduction = { experiment: known, source: experiment.source, quick, seed, seconds, ...outcome };
  if (out !== undefined) {
    await writeFileAtomic(join(out, `${name}.json`), `${JSON.stringify(reproduction, null, 2)}\n`);
  }
  return reproduction;
}
