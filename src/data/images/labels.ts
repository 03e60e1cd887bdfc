import { PushforwardError } from '../../errors.js';
import type { RowSource } from '../rowSource.js';
import type { ImageFacts } from './imageSet.js';

/** The labels of images, with the names of their classes. */
export type Labels = Required<Pick<ImageFacts, 'labels' | 'classes'>>;

/** Names that a message lists. */
const LISTED = 12;

/**
 * The labels of images that have some.
 * @throws PushforwardError `input` for images without labels, and for a label that is no class of theirs.
 */
export function labelsOf({ labels, classes, source }: ImageFacts): Labels {
  if (labels === undefined || classes === undefined) {
    throw new PushforwardError('input', 'holds no labels', {
      where: source,
      mend: 'put a file of labels beside the images, or the images of each class into a folder of its own',
    });
  }
  const wrong = labels.findIndex((label) => !(label >= 0 && label < classes.length));
  if (wrong < 0) return { labels, classes };
  throw new PushforwardError(
    'input',
    `the label ${labels[wrong]} where there are ${classes.length} classes`,
    {
      where: `${source}, image ${wrong + 1}`,
      mend: `give labels from 0 to ${classes.length - 1}`,
    },
  );
}

/**
 * The images with their labels as places among `classes`, which are found by their names.
 * @throws PushforwardError `input` for images without labels, and for one of a class that is not among them.
 */
export function withClasses<T extends ImageFacts>(images: T, classes: readonly string[]): T {
  const { labels, classes: own } = labelsOf(images);
  const places = own.map((name) => classes.indexOf(name));
  const wrong = labels.findIndex((label) => places[label] === -1);
  if (wrong < 0) return { ...images, labels: labels.map((label) => places[label] as number), classes };
  throw new PushforwardError('input', `the class ${own[labels[wrong] as number]} is not known`, {
    where: `${images.source}, image ${wrong + 1}`,
    mend: `give images of ${listNames(classes)}`,
  });
}

/**
 * The images with those of their classes that have any image.
 * @throws PushforwardError `input` for images without labels, and for two classes of one name.
 */
export function withUsedClasses<T extends ImageFacts>(images: T): T {
  const { labels, classes } = labelsOf(images);
  const twice = classes.find((name, place) => classes.indexOf(name) !== place);
  if (twice !== undefined) {
    throw new PushforwardError('input', `two classes are named ${twice}`, {
      where: images.source,
      mend: 'give each class a name of its own',
    });
  }
  const used = new Set(labels);
  return withClasses(
    images,
    classes.filter((_, label) => used.has(label)),
  );
}

/** Names as a message lists them, the first of many. */
export function listNames(names: readonly string[]): string {
  return names.length <= LISTED ? names.join(', ') : `${names.slice(0, LISTED).join(', ')}, …`;
}

/** Labels as rows [labels.length, width] of one 1 and zeros. */
export function oneHotRows(labels: Int32Array, width: number): RowSource {
  return {
    rows: labels.length,
    width,
    read(places, out) {
      out.fill(0, 0, places.length * width);
      places.forEach((place, i) => {
        out[i * width + (labels[place] as number)] = 1;
      });
    },
  };
}

/**
 * The classes as rows [count, classes] of one 1 and zeros: the context of conditional models.
 * @throws PushforwardError `input` for images without labels.
 */
export function labelRows(images: ImageFacts): RowSource {
  const { labels, classes } = labelsOf(images);
  return oneHotRows(labels, classes.length);
}
