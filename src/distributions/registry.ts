import type { BaseDistribution } from './base.js';
import { ConditionalGaussian } from './conditionalGaussian.js';
import { DiagonalGaussian } from './diagonalGaussian.js';
import { FullGaussian } from './fullGaussian.js';
import { GaussianMixture } from './gaussianMixture.js';
import { ProductDistribution } from './productDistribution.js';
import { StandardNormal } from './standardNormal.js';
import { StudentT } from './studentT.js';
import { Uniform } from './uniform.js';
import { VonMises } from './vonMises.js';

/** An instance of a base law that stands for its kind in every test that all of them have to pass. */
export interface BaseRegistryEntry {
  readonly name: string;
  build(): BaseDistribution;
  /** The interval that each column's values fill; the whole line where there is none. */
  readonly support?: readonly (readonly [number, number] | null)[];
}

const circle = [-Math.PI, Math.PI] as const;

/**
 * Every base law, in the shapes that differ for it. A new one adds its line here and so inherits the
 * tests of density, draws, gradients, backends and ONNX.
 */
export const baseRegistry: readonly BaseRegistryEntry[] = [
  { name: 'standardNormal, one dimension', build: () => new StandardNormal(1) },
  { name: 'standardNormal', build: () => new StandardNormal(3) },
  { name: 'diagonalGaussian, one dimension', build: () => new DiagonalGaussian(1) },
  { name: 'diagonalGaussian', build: () => new DiagonalGaussian(2) },
  { name: 'fullGaussian, one dimension', build: () => new FullGaussian(1) },
  { name: 'fullGaussian, two dimensions', build: () => new FullGaussian(2) },
  { name: 'fullGaussian', build: () => new FullGaussian(5) },
  { name: 'gaussianMixture, one dimension', build: () => new GaussianMixture({ dim: 1, components: 3 }) },
  { name: 'gaussianMixture, two dimensions', build: () => new GaussianMixture({ dim: 2, components: 4 }) },
  { name: 'gaussianMixture, one component', build: () => new GaussianMixture({ dim: 3, components: 1 }) },
  { name: 'studentT, one dimension', build: () => new StudentT({ dim: 1 }) },
  { name: 'studentT, two dimensions', build: () => new StudentT({ dim: 2, degreesOfFreedom: [2, 30] }) },
  {
    name: 'studentT, fixed degrees of freedom',
    build: () => new StudentT({ dim: 2, degreesOfFreedom: 3, trainDegreesOfFreedom: false }),
  },
  {
    name: 'uniform, one dimension',
    build: () => new Uniform({ low: [-0.5], high: [2] }),
    support: [[-0.5, 2]],
  },
  {
    name: 'uniform, two dimensions',
    build: () => new Uniform({ low: [0, -3], high: [1, -1] }),
    support: [
      [0, 1],
      [-3, -1],
    ],
  },
  { name: 'vonMises, one dimension', build: () => new VonMises(1), support: [circle] },
  { name: 'vonMises, two dimensions', build: () => new VonMises(2), support: [circle, circle] },
  {
    name: 'conditionalGaussian, one dimension',
    build: () => new ConditionalGaussian({ dim: 1, contextDim: 2, hidden: [6] }),
  },
  {
    name: 'conditionalGaussian, two dimensions',
    build: () => new ConditionalGaussian({ dim: 2, contextDim: 3, hidden: [8, 6], activation: 'tanh' }),
  },
  {
    name: 'productDistribution, an angle and a normal',
    build: () => new ProductDistribution([new VonMises(1), new DiagonalGaussian(1)]),
    support: [circle, null],
  },
  {
    name: 'productDistribution, maps of normals with context',
    build: () =>
      new ProductDistribution([
        new ConditionalGaussian({ dim: 1, contextDim: 2, hidden: [5] }),
        new GaussianMixture({ dim: 1, components: 2 }),
      ]),
  },
  {
    name: 'productDistribution, one part',
    build: () => new ProductDistribution([new DiagonalGaussian(2)]),
  },
];
