import { presentNumbers, type TableCodec } from '../data/codec.js';
import type { ColumnTransforms } from '../data/transforms.js';
import type { EncodedRows } from '../data/types.js';
import { addFrequencies, fitFrequencies, type LogFrequencies } from './frequencies.js';

/** Points of a cell of the grid that a density is averaged over. */
const POINTS = 16;
/** Rows that go through the transforms at a time. */
const CHUNK = 4096;

/**
 * The baseline that knows each column and nothing of how they hang together: categories by their
 * frequencies, each number by its fitted transform to N(0, 1). What a model gains over it is
 * dependence alone. Densities follow the convention of `TableCodec`.
 */
export class IndependentBaseline {
  readonly #codec: TableCodec;
  readonly #transforms: ColumnTransforms | null;
  readonly #frequencies: LogFrequencies;

  private constructor(codec: TableCodec, transforms: ColumnTransforms | null, frequencies: LogFrequencies) {
    this.#codec = codec;
    this.#transforms = transforms;
    this.#frequencies = frequencies;
  }

  static fit(codec: TableCodec, transforms: ColumnTransforms | null, rows: EncodedRows): IndependentBaseline {
    return new IndependentBaseline(codec, transforms, fitFrequencies(codec, rows));
  }

  static fromJSON(
    json: unknown,
    codec: TableCodec,
    transforms: ColumnTransforms | null,
  ): IndependentBaseline {
    return new IndependentBaseline(codec, transforms, (json as { frequencies: LogFrequencies }).frequencies);
  }

  toJSON(): { readonly frequencies: LogFrequencies } {
    return { frequencies: this.#frequencies };
  }

  /** log p of each row, [rows], in nats. */
  logProb(rows: EncodedRows): Float64Array {
    const logProb = new Float64Array(rows.rows);
    addFrequencies(this.#frequencies, rows, logProb);
    const transforms = this.#transforms;
    if (transforms === null) return logProb;
    const d = this.#codec.numerics.length;
    const present = presentNumbers(this.#codec, rows);
    for (let start = 0; start < rows.rows; start += CHUNK) {
      const n = Math.min(CHUNK, rows.rows - start);
      const densities = this.#columnDensities(transforms, rows.numbers.subarray(start * d, (start + n) * d));
      densities.forEach((value, i) => {
        const row = start + Math.floor(i / d);
        if (present[start * d + i] === 1) logProb[row] = (logProb[row] as number) + value;
      });
    }
    return logProb;
  }

  /** Log-density of each number under its own column's law, averaged over its cell, [n·d]. */
  #columnDensities(transforms: ColumnTransforms, numbers: Float32Array): Float64Array {
    const steps = this.#codec.numerics.map(({ step }) => step ?? 0);
    const points = steps.some((step) => step > 0) ? POINTS : 1;
    const means = new Float64Array(numbers.length).fill(Number.NEGATIVE_INFINITY);
    for (let k = 0; k < points; k++) {
      const place = (k + 0.5) / points - 0.5;
      const { y, logDet } = transforms.forwardRows(
        numbers.map((value, i) => value + (steps[i % steps.length] as number) * place),
      );
      logDet.forEach((own, i) => {
        const logDensity = own - 0.5 * ((y[i] as number) ** 2 + Math.log(2 * Math.PI));
        means[i] = logAddExp(means[i] as number, logDensity - Math.log(points));
      });
    }
    return means;
  }
}

/** log(exp(a) + exp(b)), of which b is finite. */
function logAddExp(a: number, b: number): number {
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}
