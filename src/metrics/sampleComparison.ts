import { type Tensor, tf } from '../tf.js';
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

/** A model's sample beside other real rows, both held against as many real rows. */
export type SampleComparison = {
  /** Rows of each sample. */
  readonly rows: number;
  readonly model: SampleFigures;
  /** What other real rows have in the place of the sample: what a perfect model is to be expected to have. */
  readonly real: SampleFigures;
};

/** Rows below which nothing is to be seen: neighbours are of half of them. */
export const FEWEST_ROWS = 20;
const PROJECTIONS = 200;
/** Where most rows are equal the median distance is 0, and the kernel is as wide as one standard deviation instead. */
const PLAIN_BANDWIDTH = 1;

/**
 * Splits real rows [n, d] into two halves and holds a sample of m = ⌊n / 2⌋ rows against each: means over the halves,
 * beside what the one half gives against the other. So both columns are the same statistics of as many rows, whatever
 * their bias. Distances disagree with each other, which is why they are several.
 * @param generated at least m rows [m, d].
 * @throws PushforwardError `usage` for fewer than 20 rows, `shape`, `numeric`.
 */
export function compareSamples(real: Tensor, generated: Tensor): SampleComparison {
  return tf.tidy(() => {
    const rows = Math.floor((real.shape[0] as number) / 2);
    const halves = [tf.slice(real, 0, rows), tf.slice(real, rows, rows)] as const;
    const sample = tf.slice(generated, 0, rows);
    const bandwidth = medianBandwidth(...halves) || PLAIN_BANDWIDTH;
    const [first, second] = halves.map((half) => figuresOf(half, sample, bandwidth)) as [
      SampleFigures,
      SampleFigures,
    ];
    const mean = (name: keyof SampleFigures): number => (first[name] + second[name]) / 2;
    return {
      rows,
      model: {
        mmd: mean('mmd'),
        energy: mean('energy'),
        slicedWasserstein: mean('slicedWasserstein'),
        precision: mean('precision'),
        recall: mean('recall'),
        density: mean('density'),
        coverage: mean('coverage'),
      },
      real: figuresOf(...halves, bandwidth),
    };
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
