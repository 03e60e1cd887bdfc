import { PushforwardError } from '../../errors.js';
import { imageSize } from '../../imageShape.js';
import { Random, streamOf } from '../../random.js';
import type { RowSource } from '../rowSource.js';
import type { ImageSet } from './imageSet.js';

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
 * Images as rows [count, height · width · channels], which become numbers as they are read; the bytes are in
 * memory, so that there is nothing to fetch ahead. An image's noise and flip are functions of the seed, the
 * epoch and its place. Before the first epoch, and in a source that is not trained on, they are those of epoch 0.
 * @throws PushforwardError `usage` for dequantisation of images that are not bytes.
 */
export function imageRows(images: ImageSet, options: ImageRowsOptions = {}): RowSource {
  const { range = 'unit', dequantise = false, flip = false, seed = 0 } = options;
  const { pixels, shape } = images;
  const isBytes = pixels instanceof Uint8Array;
  if (dequantise && !isBytes) {
    throw new PushforwardError('usage', 'dequantisation is for images of bytes; these are of float32', {
      where: images.source,
      mend: 'leave it out',
    });
  }
  const width = imageSize(shape);
  const rowLength = shape.width * shape.channels;
  const factor = range === 'symmetric' ? 2 : 1;
  const offset = range === 'symmetric' ? -1 : 0;
  const scale = isBytes ? factor / 255 : factor;
  const cellScale = factor / 256;
  const noise = new Float32Array(dequantise ? width : 0);
  const coin = new Float32Array(1);
  let epochDrawn = 0;

  return {
    rows: images.count,
    width,
    startEpoch(epoch) {
      epochDrawn = epoch;
    },
    read(places, out) {
      const noises = new Random(seed, streamOf('dequantise', epochDrawn));
      const coins = new Random(seed, streamOf('flip', epochDrawn));
      places.forEach((place, i) => {
        const start = i * width;
        const first = place * width;
        if (dequantise) {
          noises.position = first;
          noises.uniform(noise);
          for (let j = 0; j < width; j++) {
            const within = (Math.floor((noise[j] as number) * NOISE_CELLS) + 0.5) / NOISE_CELLS;
            out[start + j] = ((pixels[first + j] as number) + within) * cellScale + offset;
          }
        } else {
          for (let j = 0; j < width; j++) out[start + j] = (pixels[first + j] as number) * scale + offset;
        }
        if (!flip) return;
        coins.position = place;
        if ((coins.uniform(coin)[0] as number) < 0.5) return;
        for (let y = 0; y < shape.height; y++) {
          mirror(out, start + y * rowLength, shape.width, shape.channels);
        }
      });
    },
  };
}

/**
 * The classes as rows [count, classes] of one 1 and zeros: the context of conditional models.
 * @throws PushforwardError `input` for images without labels.
 */
export function labelRows({ labels, count, classes, source }: ImageSet): RowSource {
  if (labels === undefined || classes === undefined) {
    throw new PushforwardError('input', 'holds no labels', {
      where: source,
      mend: 'leave the classes out, or put the labels beside the images',
    });
  }
  const width = classes.length;
  return {
    rows: count,
    width,
    read(places, out) {
      out.fill(0, 0, places.length * width);
      places.forEach((place, i) => {
        out[i * width + (labels[place] as number)] = 1;
      });
    },
  };
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
