import type { Likelihood } from '../../../src/distributions/likelihoods/likelihood.js';
import { type Tensor, tf } from '../../../src/tf.js';
import { normals } from '../../flows/laws.js';

/** Parameters some way from those a likelihood starts with. */
export function parametersOf(likelihood: Likelihood): Tensor[] {
  return likelihood.parameters.map(({ shape }, i) =>
    tf.tensor(normals(tf.util.sizeFromShape([...shape]), 60 + i, 0.5), [...shape]),
  );
}

/** n rows of decoder outputs for data of a shape. */
export function outputsFor(likelihood: Likelihood, shape: readonly number[], n: number, scale = 1.5): Tensor {
  const full = [n, ...likelihood.outputShape(shape)];
  return tf.tensor(normals(tf.util.sizeFromShape(full), 61, scale), full);
}

/** What a decoder starts at for numbers `columns` to a line. */
export function firstOutputs(likelihood: Likelihood, columns: number): number[] {
  const zeros = () => new Array<number>(likelihood.outputShape([columns])[0] as number).fill(0);
  return likelihood.firstOutputs?.(columns) ?? zeros();
}

/** Points that a sum over a likelihood's values is made at, and what each counts for. */
export function integrationRule({ kind, support }: Likelihood): { nodes: number[]; weights: number[] } {
  const step = kind === 'bernoulli' ? 1 : support?.step;
  if (support !== null && step !== undefined) {
    const count = Math.round((support.high - support.low) / step) + 1;
    return {
      nodes: Array.from({ length: count }, (_, i) => support.low + i * step),
      weights: new Array<number>(count).fill(1),
    };
  }
  const cells = 4000;
  const [low, high] = support === null ? [-40, 40] : [support.low, support.high];
  const width = (high - low) / cells;
  return {
    nodes: Array.from({ length: cells }, (_, i) => low + (i + 0.5) * width),
    weights: new Array<number>(cells).fill(width),
  };
}
