import type { TableCodec } from '../data/codec.js';
import type { Table } from '../data/types.js';
import type { DrawOptions } from '../draw.js';
import { drawLatent, type TableModel } from '../tables/model.js';
import { tf } from '../tf.js';

/** Rows drawn at a time. */
const CHUNK = 4096;

/** New rows in the table's own units; a row is a function of the seed and its number alone. */
export function drawTable(
  model: TableModel,
  codec: TableCodec,
  rows: number,
  { seed, temperature }: Required<DrawOptions>,
): Table {
  const { latentDim } = model;
  const codes = new Int32Array(rows * codec.categoricals.length);
  const numbers = new Float32Array(rows * codec.numerics.length);
  for (let first = 0; first < rows; first += CHUNK) {
    const n = Math.min(CHUNK, rows - first);
    tf.tidy(() => {
      const z = drawLatent(latentDim, n, { first, seed, temperature });
      const drawn = model.push(tf.tensor2d(z, [n, latentDim]));
      codes.set(drawn.codes.dataSync(), first * codec.categoricals.length);
      numbers.set(drawn.numbers.dataSync(), first * codec.numerics.length);
    });
  }
  return codec.decode(codes, numbers, rows);
}
