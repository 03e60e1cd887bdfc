import type { ImageFacts } from '../../data/images/imageSet.js';
import { type Labels, labelRows, labelsOf, listNames, oneHotRows } from '../../data/images/labels.js';
import { nearNames } from '../../data/nearNames.js';
import { type ContextRows, firstPlaces, rowsAt } from '../../data/rowSource.js';
import { PushforwardError } from '../../errors.js';
import { Random, streamOf } from '../../random.js';
import type { Tensor2D } from '../../tf.js';

/** What a model is conditioned on, in JSON: its context is the class of an image, as one 1 among zeros. */
export interface LabelCondition {
  /** Names of the classes, in the order of the context. */
  readonly classes: readonly string[];
  /** Their shares of the training images. */
  readonly shares: readonly number[];
}

/** What stands for every class where a draw wants the name of one. */
const EVERY_CLASS = 'all';

/**
 * The classes of training images, with their shares.
 * @throws PushforwardError `input` for images without labels, and for a class that none of them is of.
 */
export function conditionOf(training: ImageFacts): LabelCondition {
  const { labels, classes } = labelsOf(training);
  const counts = classes.map(() => 0);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const missing = classes.find((_, label) => counts[label] === 0);
  if (missing !== undefined) {
    throw new PushforwardError('input', `no training image is of the class ${missing}`, {
      where: training.source,
      mend: 'give more images of it, or none',
    });
  }
  return { classes, shares: counts.map((count) => count / labels.length) };
}

/**
 * The labels of images to draw: of the class named, of every class as many (one more of the first ones where they do
 * not come out even) and class by class for `all`, or drawn by the classes' shares; none for a model of no classes.
 * @throws PushforwardError `usage` for a class that is not known, fewer images than classes, and for any class where
 * the model knows none.
 */
export function chooseLabels(
  condition: LabelCondition | null,
  count: number,
  { condition: wanted, seed = 0 }: { readonly condition?: string; readonly seed?: number },
): Labels | null {
  if (condition === null) {
    if (wanted === undefined) return null;
    throw new PushforwardError('usage', 'the model was fitted without classes', {
      mend: 'leave the condition out, or fit with the condition labels',
    });
  }
  const { classes, shares } = condition;
  if (wanted === undefined) return { classes, labels: drawLabels(shares, count, seed) };
  const label = classes.indexOf(wanted);
  if (label >= 0) return { classes, labels: new Int32Array(count).fill(label) };
  if (wanted !== EVERY_CLASS) throw unknownClass(wanted, classes);
  if (count < classes.length) {
    throw new PushforwardError('usage', `${count} images are fewer than the ${classes.length} classes`, {
      mend: `draw ${classes.length} or more, or of one class`,
    });
  }
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes.length).sort();
  return { classes, labels };
}

/** Labels as the context [n, classes] of a model. */
export function labelContext(labels: Int32Array, classes: number): Tensor2D {
  return rowsAt(oneHotRows(labels, classes), firstPlaces(labels.length), [classes]) as Tensor2D;
}

/** The classes of images as what goes with their rows; nothing for a model of no classes. */
export function contextOf(
  condition: LabelCondition | null,
  images: ImageFacts,
): Pick<ContextRows, 'context'> {
  return condition === null ? {} : { context: labelRows(images) };
}

function drawLabels(shares: readonly number[], count: number, seed: number): Int32Array {
  const uniforms = new Random(seed, streamOf('labels')).uniform(new Float32Array(count));
  let sum = 0;
  const upTo = shares.map((share) => {
    sum += share;
    return sum;
  });
  // Rounding may leave the last sum a little below 1.
  return Int32Array.from(uniforms, (u) => {
    const label = upTo.findIndex((edge) => u < edge);
    return label < 0 ? shares.length - 1 : label;
  });
}

function unknownClass(wanted: string, classes: readonly string[]): PushforwardError {
  const [near] = nearNames(wanted, classes);
  const nearest = near === undefined ? '' : `; the nearest is ${near}`;
  return new PushforwardError('usage', `there is no class ${wanted}`, {
    mend: `give one of ${listNames(classes)}, or ${EVERY_CLASS}${nearest}`,
  });
}
