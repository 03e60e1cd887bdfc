import { presentNumbers, type TableCodec } from '../data/codec.js';
import type { EncodedRows } from '../data/types.js';
import { addFrequencies, fitFrequencies, type LogFrequencies } from './frequencies.js';
import { addNormalLogProb, fitNormal, type Normal, patternsOf } from './normalWithGaps.js';

interface SavedGaussian {
  readonly frequencies: LogFrequencies;
  readonly mean: readonly number[];
  readonly covariance: readonly number[];
}

/**
 * The baseline that knows straight lines: one normal law with a full covariance over all numbers, the
 * absent ones integrated out exactly, and each category by its frequency. A number on a grid has the
 * variance of its rounding, step² / 12, besides. Densities follow the convention of `TableCodec`.
 */
export class GaussianBaseline {
  readonly #codec: TableCodec;
  readonly #frequencies: LogFrequencies;
  readonly #normal: Normal;

  private constructor(codec: TableCodec, frequencies: LogFrequencies, normal: Normal) {
    this.#codec = codec;
    this.#frequencies = frequencies;
    this.#normal = normal;
  }

  static fit(codec: TableCodec, rows: EncodedRows): GaussianBaseline {
    const d = codec.numerics.length;
    const patterns = patternsOf(presentNumbers(codec, rows), rows.rows, d);
    const noise = codec.numerics.map(({ step }) => (step ?? 0) ** 2 / 12);
    return new GaussianBaseline(
      codec,
      fitFrequencies(codec, rows),
      fitNormal(rows.numbers, patterns, d, noise),
    );
  }

  /** @throws TypeError when it is not what `toJSON` gave. */
  static fromJSON(json: unknown, codec: TableCodec): GaussianBaseline {
    const { frequencies, mean, covariance } = json as SavedGaussian;
    return new GaussianBaseline(codec, frequencies, {
      mean: Float64Array.from(mean),
      covariance: Float64Array.from(covariance),
    });
  }

  toJSON(): SavedGaussian {
    const { mean, covariance } = this.#normal;
    return { frequencies: this.#frequencies, mean: [...mean], covariance: [...covariance] };
  }

  /** log p of each row, [rows], in nats. */
  logProb(rows: EncodedRows): Float64Array {
    const logProb = new Float64Array(rows.rows);
    addFrequencies(this.#frequencies, rows, logProb);
    const patterns = patternsOf(presentNumbers(this.#codec, rows), rows.rows, this.#codec.numerics.length);
    addNormalLogProb(this.#normal, rows.numbers, patterns, logProb);
    return logProb;
  }
}
