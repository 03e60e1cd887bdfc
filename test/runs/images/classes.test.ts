import test from 'ava';
import type { ImageSet } from '../../../src/data/images/imageSet.js';
import { fitImages, Random, tf } from '../../../src/index.js';

test.before(() => tf.ready());

const CLASSES = 6;
const SIDE = 8;
const PIXELS = SIDE * SIDE;
/** Side of the sign that a class has, and the places that it may lie at, by line and by column. */
const SIGN = 5;
const PLACES = [2, 4] as const;

const inked = new Random(1, 1).uniform(new Float32Array(CLASSES * SIGN * SIGN)).map((u) => (u < 0.5 ? 1 : 0));

/** The sign of a class with its upper left corner at a place. */
function signAt(label: number, top: number, left: number): Float32Array {
  const image = new Float32Array(PIXELS);
  for (let i = 0; i < SIGN; i++) {
    const first = (label * SIGN + i) * SIGN;
    image.set(inked.subarray(first, first + SIGN), (top + i) * SIDE + left);
  }
  return image;
}

/** Signs, each at one of the places whatever its class: what a code is to say, and what a class. */
function signs(count: number): ImageSet {
  const random = new Random(2, 1).uniform(new Float32Array(2 * count));
  const labels = Int32Array.from({ length: count }, (_, i) => i % CLASSES);
  const pixels = new Uint8Array(count * PIXELS);
  labels.forEach((label, i) => {
    const [top, left] = PLACES.map((places, k) => Math.floor(places * (random[2 * i + k] as number)));
    const image = signAt(label, top as number, left as number);
    pixels.set(
      image.map((value) => 255 * value),
      i * PIXELS,
    );
  });
  const classes = Array.from({ length: CLASSES }, (_, label) => `sign ${label}`);
  const shape = { height: SIDE, width: SIDE, channels: 1 };
  return { shape, count, pixels, labels, classes, source: 'signs' };
}

const known = Array.from({ length: CLASSES * PLACES[0] * PLACES[1] }, (_, i) => {
  const [label, place] = [i % CLASSES, Math.floor(i / CLASSES)];
  return { label, image: signAt(label, place % PLACES[0], Math.floor(place / PLACES[0])) };
});

/** The class of the sign that an image differs least from. */
function labelOf(image: Uint8Array | Float32Array): number {
  const distances = known.map((sign) =>
    sign.image.reduce((sum, ink, i) => sum + (ink - (image[i] as number) / 255) ** 2, 0),
  );
  return known[distances.indexOf(Math.min(...distances))]?.label as number;
}

/** Share of draws of each class that show it, of the default model fitted to these images. */
async function followed(images: ImageSet): Promise<number> {
  const run = await fitImages(images, {
    model: 'vae',
    condition: 'labels',
    latent: 4,
    batchSize: 32,
    learningRate: 3e-3,
    epochs: 25,
    test: 0.05,
    validation: 0.05,
  });
  const { pixels, labels, count } = await run.sample(50 * CLASSES, { condition: 'all', seed: 1 });
  run.dispose();
  const right = Array.from({ length: count }, (_, i) => {
    return labelOf(pixels.subarray(i * PIXELS, (i + 1) * PIXELS)) === labels?.[i] ? 1 : 0;
  });
  return right.reduce<number>((sum, one) => sum + one, 0) / count;
}

test.serial('draws of a class are of it, and of any class where labels say nothing', async (t) => {
  const images = signs(480);
  const share = await followed(images);
  t.true(share > 0.93, String(share));
  const order = new Random(3, 1).permutation(images.count);
  const labels = Int32Array.from(order, (place) => images.labels?.[place] as number);
  const chance = await followed({ ...images, labels });
  t.true(chance < 0.35, String(chance));
});
