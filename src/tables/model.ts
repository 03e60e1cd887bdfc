import type { ColumnTransforms } from '../data/transforms.js';
import type { ParameterSlice } from '../native/spec.js';
import { Random, streamOf } from '../random.js';
import type { Tensor1D, Tensor2D, Variable } from '../tf.js';
import type { ModelArchitecture, TableArchitecture } from './architecture.js';
import type { ModelName } from './catalogue.js';

/** Rows in the model's own units, as `TableCodec` encodes them. */
export type TableBatch = {
  /** Levels of the categorical variables, [n, K]. */
  readonly codes: Tensor2D;
  /** Numbers minus their origins, [n, d]; any value where the state says that none is there. */
  readonly numbers: Tensor2D;
};

/** The density of rows, in the units of the numbers (1 / raw unit each); codes count as probabilities. */
export interface TableDensity {
  /** Draws of the latent that the estimate of a row is made of; null where the density is computed without any. */
  readonly samples: number | null;
  /**
   * log p of each row, [n], in nats; traceable where `samples` is null. Estimates of a row depend on its number in
   * the table, the first one's being `firstRow` (default 0).
   */
  logProb(batch: TableBatch, firstRow?: number): Tensor1D;
}

/** Codes of rows, and the rows that codes stand for; all of it traceable. */
export interface TableCoder {
  /** Length of a code. */
  readonly codeDim: number;
  /** Means and natural logarithms of the variances of the codes of rows, [n, codeDim]. */
  encode(batch: TableBatch): { mean: Tensor2D; logVariance: Tensor2D };
  /** The likeliest row of each code [n, codeDim]: each level the likeliest, each number its mean. */
  decode(codes: Tensor2D): TableBatch;
}

/** What tells the rows of a table from those that a model makes, a pack of them at a time. */
export interface TableCritic {
  /** Rows that it judges together. */
  readonly pac: number;
  /** Features of a row. */
  readonly width: number;
  /** Rows as it takes them, [n, width]; traceable. */
  features(batch: TableBatch): Tensor2D;
  /**
   * Scores [n, 1] of packs [n, pac · width], the features of their rows one after the other; traceable. They are the
   * critic's own values, of no unit: a pack that is more like those of the table's rows has a greater one.
   * They are near to those of the fit but not the same: there numbers on a grid were spread over their cells, and made
   * rows had shares of levels in place of levels.
   */
  judge(packs: Tensor2D): Tensor2D;
}

/** Weights that are saved under one name, and which part of them is what, where they consist of parts. */
export interface SavedWeights {
  readonly variable: Variable;
  readonly layout?: readonly ParameterSlice[];
}

/** A model of a table's encoded rows, of whatever family: it draws rows, and may have a density of them. */
export interface TableModel {
  readonly architecture: TableArchitecture;
  /** Its name and sizes; null where there is nothing to choose. */
  readonly chosen: ModelArchitecture | null;
  /** Belongs to the numbers; null when there are none. */
  readonly transforms: ColumnTransforms | null;
  /** Length of z. */
  readonly latentDim: number;
  /** All that a saved model keeps, by name. */
  readonly weights: ReadonlyMap<string, SavedWeights>;
  /** Null for a model that has none. */
  readonly density: TableDensity | null;
  /** Null for a model without codes. */
  readonly coder: TableCoder | null;
  /** Null for a model that was fitted without one. */
  readonly critic: TableCritic | null;
  /** The push-forward of the latent law N(0, I): z [n, latentDim] to rows; traceable. */
  push(z: Tensor2D): TableBatch;
}

/** The name that a model goes by in reports; null where there was nothing to choose. */
export function nameOf({ chosen }: TableModel): ModelName | null {
  return chosen?.name ?? null;
}

/** Latent draws [n, latentDim] for rows first to first + n − 1 of the seed's stream, times the temperature. */
export function drawLatent(
  latentDim: number,
  n: number,
  { first = 0, seed = 0, temperature = 1 }: { first?: number; seed?: number; temperature?: number },
): Float32Array {
  const random = new Random(seed, streamOf('sample'));
  random.position = first * latentDim;
  const z = random.normal(new Float32Array(n * latentDim));
  return temperature === 1 ? z : z.map((value) => value * temperature);
}
