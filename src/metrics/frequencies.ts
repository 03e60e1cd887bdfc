import type { TableCodec } from '../data/codec.js';
import type { EncodedRows } from '../data/types.js';

/** What a code is counted for before any row was seen (Jeffreys' prior), so that none has probability 0. */
const PRIOR_COUNT = 0.5;

/** Log-probabilities in nats of each code of each categorical variable, whatever the others are. */
export type LogFrequencies = readonly (readonly number[])[];

export function fitFrequencies(codec: TableCodec, { rows, codes }: EncodedRows): LogFrequencies {
  const variables = codec.categoricals.length;
  return codec.categoricals.map(({ cardinality }, k) => {
    const counts = new Float64Array(cardinality).fill(PRIOR_COUNT);
    for (let row = 0; row < rows; row++) {
      const code = codes[row * variables + k] as number;
      counts[code] = (counts[code] as number) + 1;
    }
    return Array.from(counts, (count) => Math.log(count / (rows + PRIOR_COUNT * cardinality)));
  });
}

/** Adds the log-probability of each row's codes to `logProb` [rows]. */
export function addFrequencies(
  frequencies: LogFrequencies,
  { rows, codes }: EncodedRows,
  logProb: Float64Array,
): void {
  const variables = frequencies.length;
  for (let row = 0; row < rows; row++) {
    frequencies.forEach((levels, k) => {
      logProb[row] = (logProb[row] as number) + (levels[codes[row * variables + k] as number] as number);
    });
  }
}
