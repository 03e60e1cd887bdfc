import { setImmediate } from 'node:timers/promises';
import type { TableCodec } from '../data/codec.js';
import { takeRows } from '../data/split.js';
import type { EncodedRows } from '../data/types.js';
import { PushforwardError } from '../errors.js';
import type { GaussianBaseline } from '../metrics/gaussianBaseline.js';
import type { IndependentBaseline } from '../metrics/independentBaseline.js';
import { nameOf, type TableDensity, type TableModel } from '../tables/model.js';
import { tf } from '../tf.js';
import { compareRows } from './compareRows.js';
import type { Evaluation } from './types.js';

export interface Baselines {
  readonly gaussian: GaussianBaseline;
  readonly independent: IndependentBaseline;
}

/** Rows scored at a time; each becomes up to 16 rows of the lattice. */
const CHUNK = 1024;

/** @throws PushforwardError `usage` for a model that has none. */
export function densityOf(model: TableModel): TableDensity {
  if (model.density !== null) return model.density;
  throw new PushforwardError('usage', `a ${nameOf(model)} has no density of rows`, {
    mend: 'score with a model that has one: fit a flow, or a vae',
  });
}

/** log p of each row in nats; −Infinity for a row that holds something the fit never saw. */
export async function scoreRows(
  density: TableDensity,
  codec: TableCodec,
  rows: EncodedRows,
): Promise<Float64Array> {
  const scores = new Float64Array(rows.rows);
  const variables = codec.categoricals.length;
  const d = codec.numerics.length;
  for (let start = 0; start < rows.rows; start += CHUNK) {
    const n = Math.min(CHUNK, rows.rows - start);
    tf.tidy(() => {
      const codes = tf.tensor2d(
        rows.codes.subarray(start * variables, (start + n) * variables),
        [n, variables],
        'int32',
      );
      const numbers = tf.tensor2d(rows.numbers.subarray(start * d, (start + n) * d), [n, d]);
      scores.set(density.logProb({ codes, numbers }, start).dataSync(), start);
    });
    await setImmediate();
  }
  rows.unseen.forEach((unseen, row) => {
    if (unseen !== 0) scores[row] = Number.NEGATIVE_INFINITY;
  });
  return scores;
}

/**
 * Mean log-likelihood of the rows whose values the fit knows, beside the baselines' on the same rows, and a sample held
 * against them.
 */
export async function evaluateRows(
  model: TableModel,
  codec: TableCodec,
  baselines: Baselines,
  rows: EncodedRows,
): Promise<Evaluation> {
  const start = performance.now();
  const seen = Int32Array.from({ length: rows.rows }, (_, row) => row).filter(
    (row) => rows.unseen[row] === 0,
  );
  const known = takeRows(rows, seen);
  return {
    model: nameOf(model),
    rows: rows.rows,
    ...(await likelihoodOf(model.density, codec, known)),
    latentSamples: model.density?.samples ?? null,
    samples: compareRows(model, codec, known),
    baselines: {
      gaussian: mean(baselines.gaussian.logProb(known)),
      independent: mean(baselines.independent.logProb(known)),
    },
    unseenRows: rows.rows - seen.length,
    seconds: (performance.now() - start) / 1000,
  };
}

async function likelihoodOf(
  density: TableDensity | null,
  codec: TableCodec,
  rows: EncodedRows,
): Promise<Pick<Evaluation, 'logLikelihood' | 'standardError'>> {
  if (density === null) return { logLikelihood: null, standardError: null };
  const scores = await scoreRows(density, codec, rows);
  const logLikelihood = mean(scores);
  const variance = mean(scores.map((score) => (score - logLikelihood) ** 2));
  return { logLikelihood, standardError: Math.sqrt(variance / Math.max(1, scores.length - 1)) };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
