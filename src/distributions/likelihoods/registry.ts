import { PushforwardError } from '../../errors.js';
import { Bernoulli } from './bernoulli.js';
import { CategoricalLikelihood, type CategoricalLikelihoodOptions } from './categorical.js';
import { ContinuousBernoulli } from './continuousBernoulli.js';
import { DiscretisedLogistic, type DiscretisedLogisticOptions } from './discretisedLogistic.js';
import { GaussianLikelihood, type GaussianLikelihoodOptions } from './gaussian.js';
import type { Likelihood, LikelihoodConfig } from './likelihood.js';
import { ProductLikelihood } from './product.js';

/** The likelihoods by their kinds, each made from the options that its `toJSON` gives. */
const builders: Readonly<Record<string, (options: LikelihoodConfig) => Likelihood>> = {
  bernoulli: () => new Bernoulli(),
  continuousBernoulli: () => new ContinuousBernoulli(),
  gaussian: (options) => new GaussianLikelihood(options as GaussianLikelihoodOptions),
  discretisedLogistic: (options) => new DiscretisedLogistic(options as DiscretisedLogisticOptions),
  categorical: (options) => new CategoricalLikelihood(options as unknown as CategoricalLikelihoodOptions),
  product: (options) =>
    new ProductLikelihood(
      (options.parts as { columns: number; likelihood: LikelihoodConfig }[]).map(
        ({ columns, likelihood }) => ({ columns, likelihood: buildLikelihood(likelihood) }),
      ),
    ),
};

/** What `kind` may be in a `LikelihoodConfig`. */
const likelihoodKinds: readonly string[] = Object.keys(builders);

/** @throws PushforwardError `usage` for a kind that there is not, or options that it refuses. */
export function buildLikelihood(config: LikelihoodConfig): Likelihood {
  const build = Object.hasOwn(builders, config.kind) ? builders[config.kind] : undefined;
  if (build === undefined) {
    throw new PushforwardError('usage', `there is no likelihood ${config.kind}`, {
      mend: `give one of ${likelihoodKinds.join(', ')}`,
    });
  }
  return build(config);
}

/** An instance of a likelihood that stands for its kind in every test that all of them have to pass. */
export interface LikelihoodRegistryEntry {
  readonly name: string;
  /** The shape of the data that it is tried on. */
  readonly shape: readonly number[];
  build(): Likelihood;
}

const image = [2, 3, 2];

/** A new likelihood adds its line here, and one above, and so inherits the tests. */
export const likelihoodRegistry: readonly LikelihoodRegistryEntry[] = [
  { name: 'bernoulli', shape: image, build: () => new Bernoulli() },
  { name: 'continuousBernoulli', shape: image, build: () => new ContinuousBernoulli() },
  { name: 'gaussian, fixed', shape: image, build: () => new GaussianLikelihood({ scale: 0.7 }) },
  { name: 'gaussian, shared', shape: image, build: () => new GaussianLikelihood() },
  { name: 'gaussian, per output', shape: image, build: () => new GaussianLikelihood({ scale: 'perOutput' }) },
  { name: 'discretisedLogistic', shape: image, build: () => new DiscretisedLogistic() },
  {
    name: 'discretisedLogistic, two levels',
    shape: [4],
    build: () => new DiscretisedLogistic({ levels: 2, low: -1, high: 1 }),
  },
  { name: 'categorical', shape: image, build: () => new CategoricalLikelihood({ levels: 5 }) },
  {
    name: 'product',
    shape: [4],
    build: () =>
      new ProductLikelihood([
        { likelihood: new GaussianLikelihood(), columns: 2 },
        { likelihood: new CategoricalLikelihood({ levels: 3 }), columns: 1 },
        { likelihood: new Bernoulli(), columns: 1 },
      ]),
  },
];
