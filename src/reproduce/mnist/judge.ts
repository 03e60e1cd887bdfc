import { energyStatistic } from '../../metrics/energy.js';
import { featureDistances } from '../../metrics/featureDistances.js';
import type { ImageClassifier } from '../../metrics/imageClassifier.js';
import { type Tensor, tf } from '../../tf.js';
import type { ExperimentSettings, Figure } from '../experiment.js';
import { spreadOf } from '../spread.js';
import { type Digits, imageTensor, shuffled, sliceImages } from './digits.js';
import { digitClassifier } from './recognition.js';

/** Draws that are judged, and test digits that they are compared with, where there are five times as many. */
const ROWS = 2000;
/** Parts of the test digits that are compared with the first. */
const OTHERS = 4;

/** What is found out about draws, in numbers that have a spread over runs. */
type Numbers = {
  /** Energy statistic of the draws against as many test digits; see `energyStatistic`. */
  readonly energy: number;
  /** Made like FID and KID, on the classifier's features; see `featureDistances`. */
  readonly frechet: number;
  readonly kernel: number;
  /** Mean over the draws of the classifier's greatest probability. */
  readonly confidence: number;
  /** Shares of the draws that the rarest and the commonest of the ten digits have. */
  readonly leastShare: number;
  readonly greatestShare: number;
};

/** What is found out about draws. */
export type Verdict = Numbers & {
  /** Shares that the digits from 0 to 9 have. */
  readonly shares: number[];
};

const names: Readonly<Record<keyof Numbers, string>> = {
  energy: 'energy',
  frechet: "  Fréchet distance on the classifier's features",
  kernel: "  kernel distance on the classifier's features",
  confidence: '  mean confidence of the classifier',
  leastShare: '  share of the rarest digit',
  greatestShare: '  share of the commonest digit',
};

/** A model that draws images. */
interface Drawing {
  sample(n: number, options: { seed: number }): Tensor;
}

/** Compares draws with test digits, and asks a classifier what they are. */
export interface DigitJudge {
  verdict(model: Drawing, seed: number): Verdict;
  /** The same of test digits against others. */
  verdictsOfDigits(): Verdict[];
  /** Share of the test digits that the classifier takes for what they are. */
  readonly accuracy: number;
  readonly remarks: readonly string[];
  dispose(): void;
}

/** @throws PushforwardError `aborted` when the signal stopped the classifier's fit. */
export async function digitJudge(digits: Digits, settings: ExperimentSettings): Promise<DigitJudge> {
  const { classifier, accuracy } = await digitClassifier(digits, settings);
  const test = shuffled(digits.test, 0);
  const rows = Math.min(ROWS, Math.floor(test.count / (1 + OTHERS)));
  const real = imageTensor(sliceImages(test, 0, rows));
  return {
    verdict: (model, seed) => tf.tidy(() => verdictOf(model.sample(rows, { seed }), real, classifier)),
    verdictsOfDigits: () =>
      Array.from({ length: OTHERS }, (_, i) =>
        tf.tidy(() =>
          verdictOf(imageTensor(sliceImages(test, (i + 1) * rows, (i + 2) * rows)), real, classifier),
        ),
      ),
    accuracy,
    remarks: [
      `Energy statistic of the published code for ${rows} draws against ${rows} test digits, its sum over 1,000 steps ` +
        "divided by these; the generator's batch normalisation goes by statistics over 20 batches of its own.",
      'The classifier is a small convolutional network that is fitted to the training digits here; distances on its ' +
        'features are made as FID and KID are, and do not compare with figures on those of Inception.',
    ],
    dispose() {
      real.dispose();
      classifier.dispose();
    },
  };
}

/** The figures of some runs; the published one is that of the energy. */
export function verdictFigures(of: string, verdicts: readonly Verdict[], published: string): Figure[] {
  return (Object.keys(names) as (keyof Numbers)[]).map((key) => ({
    name: key === 'energy' ? `${names[key]} ${of}` : names[key],
    ...spreadOf(verdicts.map((verdict) => verdict[key])),
    ...(key === 'energy' ? { published } : {}),
  }));
}

/** Which digits the classifier takes draws for: two that a model does not keep apart are a common one and a rare one. */
export function shareRemark(verdicts: readonly (readonly [of: string, verdict: Verdict])[]): string {
  const lists = verdicts.map(
    ([of, { shares }]) => `${of} ${shares.map((share) => (100 * share).toFixed(1)).join(' ')}`,
  );
  return `Shares of the digits from 0 to 9, per cent: ${lists.join('; ')}.`;
}

function verdictOf(draws: Tensor, real: Tensor, classifier: ImageClassifier): Verdict {
  const { confidence, shares } = classifier.recognise(draws);
  return {
    energy: energyStatistic(draws, real),
    ...featureDistances(classifier, real, draws),
    confidence,
    leastShare: Math.min(...shares),
    greatestShare: Math.max(...shares),
    shares: [...shares],
  };
}
