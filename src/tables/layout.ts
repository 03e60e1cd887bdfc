import { Blocks } from '../autoregressive/blocks.js';
import type { TableCodec } from '../data/codec.js';
import type { EncodedRows } from '../data/types.js';
import { type Tensor2D, tf } from '../tf.js';

/** What encoded rows consist of, as a model of them is built from it. */
export interface TableLayout {
  /** Levels of each categorical variable. */
  readonly cardinalities: readonly number[];
  /** For each number: the step it is dequantised with, and the variable that says whether it is there (−1: always). */
  readonly numerics: readonly { readonly step: number | null; readonly state: number }[];
}

export function layoutOf({ categoricals, numerics }: TableCodec): TableLayout {
  return {
    cardinalities: categoricals.map(({ cardinality }) => cardinality),
    numerics: numerics.map(({ step, state }) => ({ step, state })),
  };
}

/** The one-hot blocks of the categorical variables; null where there are none. */
export function blocksOf({ cardinalities }: TableLayout): Blocks | null {
  return cardinalities.length === 0 ? null : new Blocks(cardinalities);
}

/** Whether number j of an encoded row is missing or an atom. */
export function isAbsent(
  { numerics, cardinalities }: TableLayout,
  { codes }: EncodedRows,
  row: number,
  j: number,
): boolean {
  const state = numerics[j]?.state ?? -1;
  return state >= 0 && codes[row * cardinalities.length + state] !== 0;
}

/**
 * How much each number is there, [n, d], by the one-hot codes [n, C] of the rows, or their probabilities; null when
 * all numbers of all rows are.
 */
export function presence(
  { numerics }: TableLayout,
  blocks: Blocks | null,
  oneHot: Tensor2D | undefined,
): Tensor2D | null {
  if (oneHot === undefined || blocks === null || numerics.every(({ state }) => state < 0)) return null;
  const d = numerics.length;
  const select = new Float32Array(blocks.width * d);
  const always = new Float32Array(d);
  numerics.forEach(({ state }, j) => {
    if (state < 0) always[j] = 1;
    else select[(blocks.offsets[state] as number) * d + j] = 1;
  });
  return tf.tidy(() => tf.add(tf.matMul(oneHot, tf.tensor2d(select, [blocks.width, d])), always) as Tensor2D);
}
