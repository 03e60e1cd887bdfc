import type { NamedBytes } from './idx.js';
import { checkedImages, type ImageSet } from './imageSet.js';
import { damaged } from './readBytes.js';

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;

/** The classes of CIFAR-10, as its batches.meta.txt names them. */
const CLASSES = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

/**
 * Images [n, 32, 32, 3] from the binary files of CIFAR-10 (Krizhevsky 2009), one after the other. A record is
 * the label, then 1024 bytes each of red, green and blue, row-major.
 * @param source the path to name the set by.
 * @throws PushforwardError `damaged` for a file of no whole records or of labels above 9.
 */
export function imagesFromCifar(files: readonly NamedBytes[], source: string): ImageSet {
  for (const { bytes, where } of files) {
    if (bytes.length % RECORD !== 0) {
      throw damaged(where, `${bytes.length} bytes are no whole number of CIFAR-10 records of ${RECORD}`);
    }
  }
  const count = files.reduce((sum, { bytes }) => sum + bytes.length / RECORD, 0);
  const pixels = new Uint8Array(count * 3 * PLANE);
  const labels = new Int32Array(count);
  let image = 0;
  for (const { bytes, where } of files) {
    for (let start = 0; start < bytes.length; start += RECORD, image++) {
      const label = bytes[start] as number;
      if (label >= CLASSES.length) {
        throw damaged(where, `record ${start / RECORD + 1} has label ${label}, and CIFAR-10 has 0 to 9`);
      }
      labels[image] = label;
      interleave(bytes.subarray(start + 1, start + RECORD), pixels, image * 3 * PLANE);
    }
  }
  const shape = { height: SIDE, width: SIDE, channels: 3 };
  return checkedImages({ shape, count, pixels, labels, classes: CLASSES, source });
}

/** Planes [3, 1024] become pixels [1024, 3]. */
function interleave(planes: Uint8Array, out: Uint8Array, start: number): void {
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < PLANE; i++) out[start + 3 * i + channel] = planes[channel * PLANE + i] as number;
  }
}
