import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageSet } from '../../../src/data/images/imageSet.js';
import type { ImageShape } from '../../../src/imageShape.js';
import { Random } from '../../../src/random.js';

export const freshFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'pushforward-'));

/** Bars in black and white, one line or one column of each image being bright, with their places as labels. */
export function bars(count: number, shape: ImageShape, seed = 0): ImageSet {
  const { height, width, channels } = shape;
  const size = height * width * channels;
  const pixels = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  const random = new Random(seed, 1).uniform(new Float32Array(2 * count));
  for (let i = 0; i < count; i++) {
    const isLine = (random[2 * i] as number) < 0.5;
    const place = Math.floor((random[2 * i + 1] as number) * (isLine ? height : width));
    labels[i] = isLine ? 0 : 1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if ((isLine ? y : x) !== place) continue;
        pixels.fill(
          250 - (i % 3),
          i * size + (y * width + x) * channels,
          i * size + (y * width + x + 1) * channels,
        );
      }
    }
  }
  return { shape, count, pixels, labels, classes: ['line', 'column'], source: 'bars' };
}

/** Images as an IDX file has them. */
export function idxFile({ pixels, count, shape }: ImageSet): Buffer {
  const header = Buffer.alloc(16);
  header.set([0, 0, 8, 3]);
  [count, shape.height, shape.width].forEach((size, i) => {
    header.writeUInt32BE(size, 4 + 4 * i);
  });
  return Buffer.concat([header, pixels as Uint8Array]);
}
