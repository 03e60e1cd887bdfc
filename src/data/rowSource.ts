import { PushforwardError } from '../errors.js';
import { Random, streamOf } from '../random.js';
import { type Tensor, tf } from '../tf.js';

/** Rows of numbers, each of `width`, that are fetched by their places. */
export interface RowSource {
  readonly rows: number;
  readonly width: number;
  /** Copies rows into `out` [places.length · width], one after the other. */
  read(places: Int32Array, out: Float32Array): void;
  /** Told the places of a read to come, it makes them ready meanwhile. What `read` gives does not depend on it. */
  prefetch?(places: Int32Array): void;
  /** Draws what is random about an epoch's rows from the number `epoch` alone. */
  startEpoch?(epoch: number): void;
}

/** What a model is fitted to: rows of its shape and, where it takes context, as many of that. */
export interface ContextRows {
  readonly x: RowSource;
  readonly context?: RowSource;
}

/**
 * Rows that lie in an array [rows · width], float32, or bytes that stand for 0 to 1.
 * @throws PushforwardError `shape` for a part of a row.
 */
export function arrayRows(values: Float32Array | Uint8Array, width: number): RowSource {
  const rows = values.length / width;
  if (!Number.isInteger(rows)) {
    throw new PushforwardError('shape', `${values.length} numbers are no rows of ${width}`);
  }
  const scale = values instanceof Uint8Array ? 1 / 255 : 1;
  return {
    rows,
    width,
    read(places, out) {
      places.forEach((place, i) => {
        const row = values.subarray(place * width, (place + 1) * width);
        if (scale === 1) out.set(row, i * width);
        else for (let j = 0; j < width; j++) out[i * width + j] = (row[j] as number) * scale;
      });
    },
  };
}

/**
 * The rows at some places as a tensor [places.length, ...shape].
 * @param shape of one row, `width` numbers.
 */
export function rowsAt(source: RowSource, places: Int32Array, shape: readonly number[]): Tensor {
  const values = new Float32Array(places.length * source.width);
  source.read(places, values);
  return tf.tensor(values, [places.length, ...shape]);
}

/** The places from 0 to count − 1. */
export function firstPlaces(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, place) => place);
}

/** All rows in order, `size` or fewer at once, from the row `first` on; what comes next overwrites the values. */
export function* allRows(
  source: RowSource,
  size: number,
): Generator<{ readonly first: number; readonly values: Float32Array }> {
  const { rows, width } = source;
  const values = new Float32Array(Math.min(size, rows) * width);
  let first = 0;
  for (const places of partsAhead({ x: source }, firstPlaces(rows), size)) {
    source.read(places, values);
    yield { first, values: values.subarray(0, places.length * width) };
    first += places.length;
  }
}

/** The places in order, `size` or fewer at once; each such part is told to the sources before the one ahead of it is read. */
export function* partsAhead(
  { x, context }: ContextRows,
  places: Int32Array,
  size: number,
): Generator<Int32Array> {
  const tell = (first: number) => {
    const part = places.subarray(first, first + size);
    if (part.length === 0) return;
    x.prefetch?.(part);
    context?.prefetch?.(part);
  };
  tell(0);
  for (let first = 0; first < places.length; first += size) {
    tell(first + size);
    yield places.subarray(first, first + size);
  }
}

/**
 * Rows of zeros and ones, drawn anew in each epoch with the numbers of `source`, in [0, 1], as probabilities
 * (Salakhutdinov and Murray 2008): the digits that published likelihoods are of. Before the first epoch, and in
 * a source that is not trained on, the draw is that of epoch 0.
 */
export function binarisedRows(source: RowSource, seed: number): RowSource {
  const { rows, width } = source;
  let stream = streamOf('binarise', 0);
  const uniforms = new Float32Array(width);
  return {
    rows,
    width,
    startEpoch(epoch) {
      source.startEpoch?.(epoch);
      stream = streamOf('binarise', epoch);
    },
    prefetch(places) {
      source.prefetch?.(places);
    },
    read(places, out) {
      source.read(places, out);
      const random = new Random(seed, stream);
      places.forEach((place, i) => {
        random.position = place * width;
        random.uniform(uniforms);
        for (let j = 0; j < width; j++) {
          const at = i * width + j;
          out[at] = (uniforms[j] as number) < (out[at] as number) ? 1 : 0;
        }
      });
    },
  };
}
