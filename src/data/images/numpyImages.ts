import type { NamedBytes } from './idx.js';
import { checkedImages, type ImageSet } from './imageSet.js';
import { type NpyArray, parseNpy } from './npy.js';
import { openNpz } from './npz.js';
import { unusable } from './readBytes.js';

/** The parts that public image sets come in. */
export type ImagePart = 'train' | 'test';

/** Names of the arrays of images and of labels: those of one part, then those of a file without parts. */
const IMAGE_NAMES = (part: ImagePart) => [`x_${part}`, `${part}_images`];
const LABEL_NAMES = (part: ImagePart) => [`y_${part}`, `${part}_labels`];
const PLAIN_IMAGE_NAMES = ['images', 'x', 'X', 'arr_0'];
const PLAIN_LABEL_NAMES = ['labels', 'y', 'Y', 'arr_1'];

const CHANNELS = [1, 2, 3, 4];
const MOST_LABEL = 0xffff;

/**
 * Images from an NPY file [n, height, width] or [n, height, width, channels] of bytes, of truth values, of
 * intensities in [0, 1] or of whole numbers from 0 to 255.
 * @throws PushforwardError `input` for other shapes and values; see `parseNpy` for the rest.
 */
export function imagesFromNpy({ bytes, where }: NamedBytes): ImageSet {
  return toImages(parseNpy(bytes, where), where);
}

/**
 * Images, and labels where there are any, from the arrays of an NPZ file: x_train and y_train, or train_images
 * and train_labels, and the same of test; or images and labels, x and y, arr_0 and arr_1.
 * @param part undefined takes the training images of a file that has parts, and all of one that has none.
 * @throws PushforwardError `input` for a file without such arrays; see `imagesFromNpy` and `openNpz` for the rest.
 */
export function imagesFromNpz({ bytes, where }: NamedBytes, part: ImagePart | undefined): ImageSet {
  const members = openNpz(bytes, where);
  const named = (names: readonly string[]) => names.find((name) => members.has(name));
  const plain = part === undefined ? PLAIN_IMAGE_NAMES : [];
  const name = named([...IMAGE_NAMES(part ?? 'train'), ...plain]);
  if (name === undefined) {
    const [wanted, labels] = part === undefined ? ['images', 'labels'] : [`x_${part}`, `y_${part}`];
    const found = [...members.keys()].join(', ');
    const have = found === '' ? 'no arrays' : `the arrays ${found}`;
    throw unusable(where, `holds ${have}`, `name the images ${wanted} and their classes ${labels}`);
  }
  const read = (array: string) => parseNpy((members.get(array) as () => Buffer)(), `${where}, ${array}`);
  const images = toImages(read(name), where, `${where}, ${name}`);
  const isPlain = PLAIN_IMAGE_NAMES.includes(name);
  const labelName = named(isPlain ? PLAIN_LABEL_NAMES : LABEL_NAMES(part ?? 'train'));
  if (labelName === undefined) return images;
  return checkedImages({ ...images, labels: toLabels(read(labelName), `${where}, ${labelName}`) });
}

function toImages(array: NpyArray, source: string, where = source): ImageSet {
  const [count, height, width, channels = 1] = array.shape;
  const isImages = array.shape.length === 3 || array.shape.length === 4;
  if (!isImages || count === undefined || height === undefined || width === undefined) {
    const what = `an array [${array.shape.join(', ')}]`;
    throw unusable(where, what, 'reshape it to [n, height, width] or [n, height, width, channels]');
  }
  if (!CHANNELS.includes(channels)) {
    const mend = CHANNELS.includes(height)
      ? 'put the channels last: numpy.moveaxis(x, 1, -1)'
      : 'give 1 to 4';
    throw unusable(where, `an array [${array.shape.join(', ')}] of ${channels} channels`, mend);
  }
  return checkedImages({ shape: { height, width, channels }, count, pixels: toPixels(array, where), source });
}

/** Bytes, or intensities in [0, 1] as float32. */
function toPixels({ values, isBoolean }: NpyArray, where: string): Uint8Array | Float32Array {
  if (values instanceof Uint8Array)
    return isBoolean ? values.map((value) => (value === 0 ? 0 : 255)) : values;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let areWhole = true;
  for (const value of values) {
    if (!Number.isFinite(value)) throw unusable(where, `an intensity of ${value}`, 'give finite intensities');
    least = Math.min(least, value);
    most = Math.max(most, value);
    areWhole &&= Number.isInteger(value);
  }
  if (least >= 0 && most <= 1) return Float32Array.from(values);
  if (least >= 0 && most <= 255 && areWhole) return Uint8Array.from(values);
  const what = `intensities from ${least} to ${most}`;
  throw unusable(where, what, 'give bytes, whole numbers from 0 to 255, or floats in [0, 1]');
}

/** Labels [n] or [n, 1]. */
function toLabels({ shape, values }: NpyArray, where: string): Int32Array {
  if (values.length !== (shape[0] ?? 0)) {
    throw unusable(where, `labels [${shape.join(', ')}]`, 'give one class number to an image');
  }
  const labels = Int32Array.from(values);
  const wrong = values.findIndex((value, i) => value !== labels[i] || value < 0 || value > MOST_LABEL);
  if (wrong >= 0)
    throw unusable(where, `label ${values[wrong]}`, `give whole numbers from 0 to ${MOST_LABEL}`);
  return labels;
}
