import { type Tensor, tf } from '../tf.js';
import { type Comparison, compareHalves, halvesOf } from './comparison.js';
import { energyDistance } from './energy.js';
import { kernelDistance, medianBandwidth } from './kernelDistance.js';
import { neighbourMetrics } from './neighbours.js';
import { slicedWasserstein } from './slicedWasserstein.js';

/** Figures of a sample against real rows. */
export type SampleFigures = {
  /** Squared maximum mean discrepancy without bias, by a Gaussian kernel as wide as the median distance of real rows. */
  readonly mmd: number;
  /** Squared energy distance. */
  readonly energy: number;
  /** Sliced 2-Wasserstein distance, along 200 directions. */
  readonly slicedWasserstein: number;
  /** See `neighbourMetrics`; 5 neighbours. */
  readonly precision: number;
  readonly recall: number;
  readonly density: number;
  readonly coverage: number;
};

/** A model's sample beside other real rows. */
export type SampleComparison = Comparison<SampleFigures>;

const PROJECTIONS = 200;
/** Where most rows are equal the median distance is 0, and the kernel is as wide as one standard deviation instead. */
const PLAIN_BANDWIDTH = 1;

/**
 * Splits real rows [n, d] into two halves and holds a sample of m = ⌊n / 2⌋ rows against each; see `compareHalves`.
 * Distances disagree with each other, which is why they are several.
 * @param generated at least m rows [m, d].
 * @throws PushforwardError `usage` for fewer than 20 rows, `shape`, `numeric`.
 */
export function compareSamples(real: Tensor, generated: Tensor): SampleComparison {
  return tf.tidy(() => {
    const halves = halvesOf(real);
    const bandwidth = medianBandwidth(...halves) || PLAIN_BANDWIDTH;
    return compareHalves(halves, generated, (one, other) => figuresOf(one, other, bandwidth));
  });
}

function figuresOf(real: Tensor, sample: Tensor, bandwidth: number): SampleFigures {
  return {
    mmd: kernelDistance(real, sample, { bandwidth }).squared,
    energy: energyDistance(real, sample),
    slicedWasserstein: slicedWasserstein(real, sample, { projections: PROJECTIONS }),
    ...neighbourMetrics(real, sample),
  };
}
