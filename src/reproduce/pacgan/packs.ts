import type { ExperimentSettings, Figure, Outcome } from '../experiment.js';
import { spreadOf } from '../spread.js';
import { stepCounter } from '../steps.js';

/** Rows that the critic judges together, of those that the paper compares. */
const PACS = [1, 2, 4] as const;

/** Figures of one run, by name, Infinity where there is nothing to measure. */
type Measured<Name extends string> = Readonly<Record<Name, number>>;

/** A comparison of GANs by the packs that their critics judge. */
export interface PackComparison<Name extends string> {
  /** The paper's budget: steps of a run, and runs. */
  readonly fullSteps: number;
  readonly fullRuns: number;
  readonly quickSteps: number;
  /** What the figures are called in full. */
  readonly words: Readonly<Record<Name, string>>;
  readonly published: Readonly<Record<(typeof PACS)[number], Readonly<Record<Name, string>>>>;
  /** Trains one GAN, calling `next` after each step, and measures it. */
  run(pac: number, steps: number, seed: number, next: () => Promise<void>): Promise<Measured<Name>>;
}

/** Runs a comparison: each GAN with as many seeds as there are runs, their means and spread beside the paper's. */
export async function comparePacks<Name extends string>(
  comparison: PackComparison<Name>,
  settings: ExperimentSettings,
): Promise<Outcome> {
  const { fullSteps, fullRuns, quickSteps, words, published } = comparison;
  const { quick, seed } = settings;
  const steps = settings.steps ?? (quick ? quickSteps : fullSteps);
  const runs = settings.runs ?? (quick ? 1 : fullRuns);
  const next = stepCounter(settings, steps * runs * PACS.length);
  const figures: Figure[] = [];
  for (const pac of PACS) {
    const measured: Measured<Name>[] = [];
    for (let k = 0; k < runs; k++) measured.push(await comparison.run(pac, steps, seed + k, next));
    for (const name of Object.keys(words) as Name[]) {
      figures.push({
        name: `packs of ${pac}: ${words[name]}`,
        ...spreadOf(measured.map((one) => one[name])),
        published: published[pac][name],
      });
    }
  }
  const isCut = steps < fullSteps || runs < fullRuns;
  const remarks = isCut
    ? [
        `${runs} ${runs === 1 ? 'run' : 'runs'} of ${steps} steps instead of ${fullRuns} of ${fullSteps}: the gain ` +
          'of packing is an average over many long runs, and short ones do not show it.',
      ]
    : [];
  return { figures, remarks };
}
