import type { ImageSet } from '../../data/images/imageSet.js';
import type { RowSource } from '../../data/rowSource.js';
import type { ImageClassifier } from '../../metrics/imageClassifier.js';
import { Random, streamOf } from '../../random.js';
import { type Tensor, tf } from '../../tf.js';
import { DIGIT } from '../mnist/digits.js';

const COLOURS = 3;
const CLASSES = 10;
export const STACKED_MODES = CLASSES ** COLOURS;
/** Images of one shape [28, 28, 3], with pixels in (−1, 1). */
export const STACKED = [DIGIT[0], DIGIT[1], COLOURS] as const;

/** Stacked images that are training data, each of three digits drawn once and for all. */
const TRAINING_IMAGES = 128_000;

/** The training images, each red, green and blue a digit of its own: a thousand modes (Metz et al. 2017). */
export function stackedRows(digits: ImageSet, seed: number): RowSource {
  const size = DIGIT[0] * DIGIT[1];
  const uniforms = new Random(seed, streamOf('stacked digits')).uniform(
    new Float32Array(COLOURS * TRAINING_IMAGES),
  );
  const triples = Int32Array.from(uniforms, (u) => Math.floor(u * digits.count));
  return {
    rows: TRAINING_IMAGES,
    width: size * COLOURS,
    read(places, out) {
      places.forEach((place, i) => {
        for (let colour = 0; colour < COLOURS; colour++) {
          const from = (triples[COLOURS * place + colour] as number) * size;
          const to = i * size * COLOURS + colour;
          for (let k = 0; k < size; k++) {
            out[to + k * COLOURS] = (digits.pixels[from + k] as number) / 127.5 - 1;
          }
        }
      });
    },
  };
}

/** Which of the thousand modes images [n, 28, 28, 3] are of, by what a classifier of digits takes their colours for. */
export function stackedLabels(classifier: Pick<ImageClassifier, 'labels'>, images: Tensor): Int32Array {
  const digits = tf.tidy(() => {
    const colours = tf.split(tf.div(tf.add(images, 1), 2), COLOURS, -1);
    return colours.map((colour) => classifier.labels(colour));
  });
  return (digits[0] as Int32Array).map((_, i) =>
    digits.reduce((mode, colour) => CLASSES * mode + (colour[i] as number), 0),
  );
}
