import type { TableCodec } from '../data/codec.js';
import { takeRows } from '../data/split.js';
import type { EncodedRows } from '../data/types.js';
import { FEWEST_ROWS } from '../metrics/comparison.js';
import { compareSamples, type SampleComparison } from '../metrics/sampleComparison.js';
import { Random, streamOf } from '../random.js';
import { RowFeatures } from '../tables/features.js';
import type { TableModel } from '../tables/model.js';
import { type Tensor2D, tf } from '../tf.js';
import { drawTable } from './drawTable.js';

/** Most rows of a table that samples are held against: the cost grows with their square. */
const MOST_ROWS = 2000;

/**
 * Holds rows that the model draws, as a user would see them, against rows of a table, both by their `RowFeatures`: the
 * transforms of the columns are those of the training rows, so that models of one table are measured alike.
 * Null for too few rows.
 */
export function compareRows(
  model: TableModel,
  codec: TableCodec,
  rows: EncodedRows,
): SampleComparison | null {
  if (rows.rows < FEWEST_ROWS) return null;
  const order = new Random(0, streamOf('comparison')).permutation(rows.rows).subarray(0, MOST_ROWS);
  const drawn = drawTable(model, codec, order.length, { seed: 0, temperature: 1 });
  const features = new RowFeatures(model.architecture, model.transforms);
  const of = ({ rows: n, codes, numbers }: EncodedRows): Tensor2D =>
    features.of({
      codes: tf.tensor2d(codes, [n, codec.categoricals.length], 'int32'),
      numbers: tf.tensor2d(numbers, [n, codec.numerics.length]),
    }).features;
  let comparison: SampleComparison | undefined;
  tf.tidy(() => {
    comparison = compareSamples(of(takeRows(rows, order)), of(codec.encode(drawn)));
  });
  return comparison ?? null;
}
