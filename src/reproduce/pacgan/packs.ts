import { type Budget, budgetOf } from '../budget.js';
import type { ExperimentSettings, Figure, Outcome } from '../experiment.js';
import { type GanRun, type GanRunHooks, trainAndJudge } from '../ganRun.js';
import { spreadOf } from '../spread.js';

/** Rows that the critic judges together, of those that the paper compares. */
const PACS = [1, 2, 4] as const;

/** Figures of one run, by name, Infinity where there is nothing to measure. */
type Measured<Name extends string> = Readonly<Record<Name, number>>;

/** One GAN of a comparison. */
export interface PackRun extends GanRunHooks {
  readonly pac: number;
  readonly seed: number;
  /** Of its folder, in the experiment's. */
  readonly name: string;
  /** Epochs of so many steps, for `FitGanOptions`. */
  readonly epochs: number;
  readonly epochSteps: number;
}

/** A comparison of GANs by the packs that their critics judge. */
export interface PackComparison<Name extends string> {
  /** The paper's budget: steps of a run, and runs. */
  readonly fullSteps: number;
  readonly fullRuns: number;
  readonly quickSteps: number;
  /** Steps after which a run is measured, pictured and saved. */
  readonly epochSteps: number;
  /** What the figures are called in full. */
  readonly words: Readonly<Record<Name, string>>;
  readonly published: Readonly<Record<(typeof PACS)[number], Readonly<Record<Name, string>>>>;
  readonly gan: (run: PackRun) => GanRun<Measured<Name>>;
}

/** Runs a comparison: each GAN with as many seeds as there are runs, their means and spread beside the paper's. */
export async function comparePacks<Name extends string>(
  comparison: PackComparison<Name>,
  settings: ExperimentSettings,
): Promise<Outcome> {
  const { fullSteps, fullRuns, quickSteps, words, published } = comparison;
  const { quick, seed } = settings;
  const runs = settings.runs ?? (quick ? 1 : fullRuns);
  const budget = budgetOf(settings.steps ?? (quick ? quickSteps : fullSteps), comparison.epochSteps, 1);
  const { steps } = budget;
  const total = steps * runs * PACS.length;
  const figures: Figure[] = [];
  const warnings: string[] = [];
  for (const [i, pac] of PACS.entries()) {
    const measured: Measured<Name>[] = [];
    for (let k = 0; k < runs; k++) {
      const before = (i * runs + k) * steps;
      const run = comparison.gan({
        ...epochsOf(budget),
        pac,
        seed: seed + k,
        name: `packs-of-${pac}-${seed + k}`,
        onStep: (done) => settings.onStep?.(before + done, total),
        onWarning: (message) => warnings.push(`Packs of ${pac}, run ${k + 1}: ${message}.`),
      });
      measured.push(await trainAndJudge(run, settings));
    }
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
  return { figures, remarks: [...remarks, ...warnings] };
}

function epochsOf({ rows, epochs }: Budget): Pick<PackRun, 'epochs' | 'epochSteps'> {
  return { epochs, epochSteps: rows };
}
