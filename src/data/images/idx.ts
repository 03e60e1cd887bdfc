import { checkedImages, type ImageSet } from './imageSet.js';
import { damaged, plainBytes, unusable } from './readBytes.js';

/** What an IDX file of bytes holds. */
export interface IdxArray {
  readonly dimensions: readonly number[];
  /** Row-major. */
  readonly values: Uint8Array;
}

/** Code of the element type `unsigned byte`, the third byte of the file. */
const UNSIGNED_BYTE = 0x08;

/** Tells whether bytes begin as an IDX file of bytes with 1 to 4 dimensions does. */
export function isIdx(bytes: Uint8Array): boolean {
  const [zero, zeroToo, type, rank] = bytes;
  return (
    zero === 0 && zeroToo === 0 && type === UNSIGNED_BYTE && rank !== undefined && rank >= 1 && rank <= 4
  );
}

/**
 * An IDX file of bytes: two zeros, the element type, the number of dimensions, each dimension in 32 bits, big
 * end first, and the elements (LeCun, Cortes and Burges, "The MNIST database").
 * @param where the file's name, for messages.
 * @throws PushforwardError `input` for another kind of file and for elements that are not bytes, `damaged` for a
 * file that is cut or too long.
 */
export function parseIdx(bytes: Buffer, where: string): IdxArray {
  const [zero, zeroToo, type, rank] = bytes;
  if (zero !== 0 || zeroToo !== 0 || type === undefined || rank === undefined || rank === 0) {
    throw unusable(where, 'is not an IDX file', 'give one as MNIST has them');
  }
  if (type !== UNSIGNED_BYTE) {
    const what = `IDX with elements of type 0x${type.toString(16)}`;
    throw unusable(where, what, 'give unsigned bytes (type 0x8)');
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw damaged(where, `the IDX header is cut after ${bytes.length} bytes`);
  const dimensions = Array.from({ length: rank }, (_, i) => bytes.readUInt32BE(4 + 4 * i));
  const expected = start + dimensions.reduce((product, size) => product * size, 1);
  if (bytes.length !== expected) {
    const fault = bytes.length < expected ? 'is cut' : 'is too long';
    throw damaged(where, `${fault}: ${bytes.length} bytes where ${dimensions.join(' x ')} make ${expected}`);
  }
  return { dimensions, values: plainBytes(bytes.subarray(start)) };
}

/**
 * Images from an IDX file [n, height, width] or [n, height, width, channels], and labels from another [n].
 * @throws PushforwardError `input` or `damaged` for files that hold no such arrays.
 */
export function imagesFromIdx(images: NamedBytes, labels: NamedBytes | null): ImageSet {
  const { dimensions, values } = parseIdx(images.bytes, images.where);
  const [count, height, width, channels = 1] = dimensions;
  if (count === undefined || height === undefined || width === undefined || dimensions.length > 4) {
    const what = `holds ${dimensions.length === 1 ? 'labels' : `${dimensions.length} dimensions`}, no images`;
    throw unusable(images.where, what, 'name the images-idx3 file, or the folder of both');
  }
  const set = { shape: { height, width, channels }, count, pixels: values, source: images.where };
  return checkedImages(labels === null ? set : { ...set, labels: labelsFromIdx(labels) });
}

/** A file's content and its name. */
export interface NamedBytes {
  readonly where: string;
  readonly bytes: Buffer;
}

function labelsFromIdx({ bytes, where }: NamedBytes): Int32Array {
  const { dimensions, values } = parseIdx(bytes, where);
  if (dimensions.length !== 1) {
    throw unusable(where, `holds ${dimensions.length} dimensions, no labels`, 'name the labels-idx1 file');
  }
  return Int32Array.from(values);
}
