import type { Blocks } from '../autoregressive/blocks.js';
import type { RowSource } from '../data/rowSource.js';
import type { ColumnTransforms } from '../data/transforms.js';
import type { EncodedRows } from '../data/types.js';
import { Random, streamOf } from '../random.js';
import { type Tensor1D, type Tensor2D, tf } from '../tf.js';
import { dequantised } from './dequantise.js';
import { blocksOf, isAbsent, presence, type TableLayout } from './layout.js';
import type { TableBatch } from './model.js';

/**
 * Encoded rows as networks take them, [n, width]: the transformed numbers y, 0 where none is there, then the one-hot
 * codes. Numbers are then about N(0, 1) and two levels of a variable √2 apart, as two draws of a number are on average.
 */
export class RowFeatures {
  readonly layout: TableLayout;
  readonly transforms: ColumnTransforms | null;
  /** Null for a table without categorical variables. */
  readonly blocks: Blocks | null;
  /** How many of the features are numbers. */
  readonly numbers: number;
  readonly width: number;

  /** `transforms` belongs to the numbers and is null when there are none. */
  constructor(layout: TableLayout, transforms: ColumnTransforms | null) {
    this.layout = layout;
    this.transforms = transforms;
    this.blocks = blocksOf(layout);
    this.numbers = layout.numerics.length;
    this.width = this.numbers + (this.blocks?.width ?? 0);
  }

  /** The features of rows, and log(dy/dx) [n] of the numbers that are there, in nats; traceable. */
  of({ codes, numbers }: TableBatch): { features: Tensor2D; logDet: Tensor1D } {
    return tf.tidy(() => {
      const oneHot = this.blocks?.oneHot(codes);
      if (this.transforms === null) {
        return { features: oneHot as Tensor2D, logDet: tf.zeros([codes.shape[0]]) };
      }
      const { y, logDet } = this.transforms.forward(numbers);
      const present = presence(this.layout, this.blocks, oneHot);
      const own = (values: Tensor2D): Tensor2D =>
        present === null ? values : tf.where(tf.greater(present, 0.5), values, tf.zerosLike(values));
      const parts = [own(y), ...(oneHot === undefined ? [] : [oneHot])];
      return { features: tf.concat(parts, 1), logDet: tf.sum(own(logDet), 1) };
    });
  }

  /** Numbers and one-hot codes, or what stands for them, of features [n, width]. */
  split(features: Tensor2D): { y: Tensor2D | undefined; oneHot: Tensor2D | undefined } {
    if (this.blocks === null) return { y: features, oneHot: undefined };
    if (this.numbers === 0) return { y: undefined, oneHot: features };
    const [y, oneHot] = tf.split(features, [this.numbers, this.blocks.width], 1) as [Tensor2D, Tensor2D];
    return { y, oneHot };
  }

  /** The likeliest level of each variable, int32 [n, K], by numbers [n, C] that are greatest there. */
  likeliest(levels: Tensor2D): Tensor2D {
    const blocks = tf.split(levels, [...(this.blocks?.cardinalities ?? [])], 1);
    const codes = blocks.map((block) => tf.argMax(block, 1));
    return tf.cast(tf.stack(codes, 1), 'int32') as Tensor2D;
  }

  /** Rows of these codes and transformed numbers. */
  batch(codes: Tensor2D | undefined, y: Tensor2D | undefined, n: number): TableBatch {
    return {
      codes: codes ?? tf.zeros([n, 0], 'int32'),
      numbers: y === undefined || this.transforms === null ? tf.zeros([n, 0]) : this.transforms.inverse(y),
    };
  }
}

/** The features of rows, whose numbers are spread over their cells anew in each epoch. */
export class FeatureRows implements RowSource {
  readonly rows: number;
  readonly width: number;
  readonly #features: RowFeatures;
  readonly #source: EncodedRows;
  readonly #seed: number;
  readonly #purpose: string;
  #y: Float32Array = new Float32Array(0);
  /** log(dy/dx) of the numbers that are there in each row, summed. */
  #logDet = new Float64Array(0);

  /** @param purpose names the stream that the cells are drawn from. */
  constructor(features: RowFeatures, source: EncodedRows, seed: number, purpose: string) {
    this.#features = features;
    this.#source = source;
    this.#seed = seed;
    this.#purpose = purpose;
    this.rows = source.rows;
    this.width = features.width;
    this.startEpoch(0);
  }

  startEpoch(epoch: number): void {
    const { layout, transforms, numbers: d } = this.#features;
    const { rows } = this.#source;
    this.#logDet = new Float64Array(rows);
    if (transforms === null) return;
    const random = new Random(this.#seed, streamOf(this.#purpose, epoch));
    const { y, logDet } = dequantised(layout, transforms, this.#source, random);
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < d; j++) {
        const i = row * d + j;
        if (isAbsent(layout, this.#source, row, j)) y[i] = 0;
        else this.#logDet[row] = (this.#logDet[row] as number) + (logDet[i] as number);
      }
    }
    this.#y = y;
  }

  read(places: Int32Array, out: Float32Array): void {
    const { blocks, numbers: d, width } = this.#features;
    const { codes } = this.#source;
    const variables = blocks?.variables ?? 0;
    out.fill(0);
    places.forEach((row, i) => {
      out.set(this.#y.subarray(row * d, (row + 1) * d), i * width);
      for (let k = 0; k < variables; k++) {
        const level = (blocks?.offsets[k] as number) + (codes[row * variables + k] as number);
        out[i * width + d + level] = 1;
      }
    });
  }

  /** Mean of log(dy/dx) over these rows, nats a row. */
  meanLogDet(places: Int32Array): number {
    let sum = 0;
    for (const row of places) sum += this.#logDet[row] as number;
    return sum / places.length;
  }
}
