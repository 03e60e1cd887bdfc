import type { BaseDistribution } from '../../src/distributions/base.js';
import type { BaseRegistryEntry } from '../../src/distributions/registry.js';
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../src/tf.js';
import { normalMatrix, normals } from '../flows/laws.js';

/** Parameters some way from those a law starts with, the same every time. */
export function parametersOf(law: BaseDistribution): Tensor[] {
  return law.parameters.map(({ shape, initialise }, i) => {
    const values = new Float32Array(tf.util.sizeFromShape([...shape]));
    initialise(values, (out) => out.set(normals(out.length, 40 + i)));
    const moves = normals(values.length, 20 + i, 0.4);
    return tf.tensor(
      values.map((value, k) => value + (moves[k] as number)),
      [...shape],
    );
  });
}

/** One context for all rows, for a law that takes any. */
export function contextOf(law: BaseDistribution, n: number): Tensor2D | undefined {
  if (law.contextDim === 0) return undefined;
  return tf.tile(normalMatrix(1, law.contextDim, 30), [n, 1]);
}

/** A rule of integration along a line or an interval: the middles of cells, and the cells' widths. */
interface Rule {
  readonly nodes: number[];
  readonly widths: number[];
  /** Where each cell ends. */
  readonly ends: number[];
}

/** Equal cells of an interval; on the whole line, of the t in sinh(t), for the sake of heavy tails. */
function rule(interval: readonly [number, number] | null, cells: number): Rule {
  const [low, high] = interval ?? [-11, 11];
  const step = (high - low) / cells;
  const middles = Array.from({ length: cells }, (_, k) => low + (k + 0.5) * step);
  if (interval !== null) {
    return { nodes: middles, widths: middles.map(() => step), ends: middles.map((t) => t + step / 2) };
  }
  return {
    nodes: middles.map(Math.sinh),
    widths: middles.map((t) => step * Math.cosh(t)),
    ends: middles.map((t) => Math.sinh(t + step / 2)),
  };
}

/** A law of one or two dimensions, integrated cell by cell. */
export interface IntegratedLaw {
  /** ∫ p. */
  readonly mass: number;
  /** ∫ p log p, in nats. */
  readonly meanLogProb: number;
  /** Of each column, the ends of the cells and the marginal CDF there. */
  readonly marginals: readonly { ends: number[]; cdf: number[] }[];
}

export function integrate(
  { support }: BaseRegistryEntry,
  law: BaseDistribution,
  parameters: readonly Tensor[],
): IntegratedLaw {
  const cells = law.dim === 1 ? 4000 : 260;
  const rules = Array.from({ length: law.dim }, (_, j) => rule(support?.[j] ?? null, cells));
  const count = cells ** law.dim;
  const cellOf = (i: number, j: number) => (j === 0 ? i % cells : Math.floor(i / cells));
  const rows = Float32Array.from(
    { length: count * law.dim },
    (_, at) => rules[at % law.dim]?.nodes[cellOf(Math.floor(at / law.dim), at % law.dim)] as number,
  );
  const logProb = tf.tidy(() =>
    law.logProb(tf.tensor2d(rows, [count, law.dim]), parameters, contextOf(law, count)).dataSync<'float32'>(),
  );
  const masses = rules.map(() => new Float64Array(cells));
  let mass = 0;
  let meanLogProb = 0;
  logProb.forEach((value, i) => {
    const share = rules.reduce(
      (product, { widths }, j) => product * (widths[cellOf(i, j)] as number),
      Math.exp(value),
    );
    mass += share;
    if (share > 0) meanLogProb += share * value;
    masses.forEach((marginal, j) => {
      const cell = cellOf(i, j);
      marginal[cell] = (marginal[cell] as number) + share;
    });
  });
  const marginals = masses.map((marginal, j) => {
    let sum = 0;
    const cdf = Array.from(marginal, (share) => {
      sum += share;
      return sum;
    });
    return { ends: rules[j]?.ends as number[], cdf };
  });
  return { mass, meanLogProb, marginals };
}

/** Kolmogorov and Smirnov's distance of values from a CDF that is known at the ends of cells. */
export function kolmogorovSmirnov(
  values: readonly number[],
  { ends, cdf }: { ends: number[]; cdf: number[] },
): number {
  const sorted = values.toSorted((a, b) => a - b);
  let below = 0;
  let worst = 0;
  ends.forEach((end, k) => {
    while (below < sorted.length && (sorted[below] as number) <= end) below += 1;
    worst = Math.max(worst, Math.abs(below / sorted.length - (cdf[k] as number)));
  });
  return worst;
}

/** Σ_i w_i log p(z_i) with fixed weights: a scalar of everything that a law reads. */
export function weightedLogProb(
  law: BaseDistribution,
  z: Tensor2D,
  parameters: readonly Tensor[],
  context: Tensor2D | undefined,
): tf.Scalar {
  const weights: Tensor1D = tf.tensor1d(normals(z.shape[0], 9));
  return tf.sum(tf.mul(law.logProb(z, parameters, context), weights));
}
