import { PushforwardError } from '../../errors.js';
import { type ImageShape, imageSize } from '../../imageShape.js';
import { Random, streamOf } from '../../random.js';
import type { RowSource } from '../rowSource.js';
import type { ImageFacts, ImageSet } from './imageSet.js';

export interface ImageRowsOptions {
  /** Where intensities go: `unit` [0, 1] or `symmetric` [-1, 1]. Default `unit`. */
  readonly range?: 'unit' | 'symmetric';
  /**
   * Spreads byte b over its cell [b, b + 1) / 256, evenly and anew in each epoch (Theis, van den Oord and
   * Bethge 2016), so that a density fitted to the rows bounds the probability of the bytes from below:
   * log P(bytes) >= E[log p] − D log 256 in nats, with 128 for `symmetric`. Default false: b / 255.
   */
  readonly dequantise?: boolean;
  /** Mirrors each image left to right with probability 1/2, anew in each epoch. Default false. */
  readonly flip?: boolean;
  /** Of the noise and the flips. Default 0. */
  readonly seed?: number;
}

/** Noise takes one of so many values, in the middles of as many cells: 8 + 16 bits are exact in float32. */
const NOISE_CELLS = 2 ** 15;

/**
 * Images as rows [count, height · width · channels], which become numbers as they are read (see `prefetchedRows` for
 * reading them ahead). An image's noise and flip are functions of the seed, the epoch and its place. Before the first
 * epoch, and in a source that is not trained on, they are those of epoch 0.
 * @throws PushforwardError `usage` for dequantisation of images that are not bytes.
 */
export function imageRows(images: ImageSet, options: ImageRowsOptions = {}): RowSource {
  const width = imageSize(images.shape);
  const writer = new ImageWriter(images, options);
  return {
    rows: images.count,
    width,
    startEpoch(epoch) {
      writer.startEpoch(epoch);
    },
    read(places, out) {
      places.forEach((place, i) => {
        writer.write(place, images.pixels, place * width, out, i * width);
      });
    },
  };
}

/** Turns the pixels of one image after the other into numbers; see `imageRows`. */
export class ImageWriter {
  readonly #shape: ImageShape;
  readonly #range: { readonly factor: number; readonly offset: number };
  readonly #isBytes: boolean;
  readonly #noise: Float32Array | null;
  readonly #coin: Float32Array | null;
  readonly #seed: number;
  #noises: Random;
  #coins: Random;

  /**
   * @param images pictures in files are bytes, too.
   * @throws PushforwardError `usage` for dequantisation of images that are not bytes.
   */
  constructor({ shape, source, pixels }: ImageFacts & Partial<ImageSet>, options: ImageRowsOptions) {
    const { range = 'unit', dequantise = false, flip = false, seed = 0 } = options;
    const isBytes = !(pixels instanceof Float32Array);
    if (dequantise && !isBytes) {
      throw new PushforwardError('usage', 'dequantisation is for images of bytes; these are of float32', {
        where: source,
        mend: 'leave it out',
      });
    }
    this.#shape = shape;
    this.#range = range === 'symmetric' ? { factor: 2, offset: -1 } : { factor: 1, offset: 0 };
    this.#isBytes = isBytes;
    this.#noise = dequantise ? new Float32Array(imageSize(shape)) : null;
    this.#coin = flip ? new Float32Array(1) : null;
    this.#seed = seed;
    [this.#noises, this.#coins] = this.#randoms(0);
  }

  startEpoch(epoch: number): void {
    [this.#noises, this.#coins] = this.#randoms(epoch);
  }

  /** Writes the image at `place`, whose pixels begin at `first`, into `out` from `start` on. */
  write(
    place: number,
    pixels: Uint8Array | Float32Array,
    first: number,
    out: Float32Array,
    start: number,
  ): void {
    const { factor, offset } = this.#range;
    const size = imageSize(this.#shape);
    const noise = this.#noise;
    // Bytes are turned into floats by the engine itself, a few times as fast as by a loop.
    out.set(pixels.subarray(first, first + size), start);
    if (noise !== null) {
      const scale = factor / 256;
      this.#noises.position = place * size;
      this.#noises.uniform(noise);
      for (let j = 0; j < size; j++) {
        const within = (Math.floor((noise[j] as number) * NOISE_CELLS) + 0.5) / NOISE_CELLS;
        out[start + j] = ((out[start + j] as number) + within) * scale + offset;
      }
    } else {
      const scale = this.#isBytes ? factor / 255 : factor;
      const end = start + size;
      for (let at = start; at < end; at++) out[at] = (out[at] as number) * scale + offset;
    }
    if (this.#coin === null) return;
    this.#coins.position = place;
    if ((this.#coins.uniform(this.#coin)[0] as number) < 0.5) return;
    const { height, width, channels } = this.#shape;
    for (let y = 0; y < height; y++) mirror(out, start + y * width * channels, width, channels);
  }

  #randoms(epoch: number): [Random, Random] {
    const of = (purpose: string) => new Random(this.#seed, streamOf(purpose, epoch));
    return [of('dequantise'), of('flip')];
  }
}

/** Turns the pixels of one line around; the channels of a pixel keep their order. */
function mirror(values: Float32Array, start: number, width: number, channels: number): void {
  for (let left = 0, right = width - 1; left < right; left++, right--) {
    for (let channel = 0; channel < channels; channel++) {
      const a = start + left * channels + channel;
      const b = start + right * channels + channel;
      const kept = values[a] as number;
      values[a] = values[b] as number;
      values[b] = kept;
    }
  }
}
