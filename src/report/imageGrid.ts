import { checkWhole } from '../checks.js';
import { PushforwardError } from '../errors.js';
import { writeFileAtomic } from '../files.js';
import { checkImageShape, type ImageShape, imageSize } from '../imageShape.js';
import { encodePng } from './png.js';

export interface ImageGridOptions {
  /** Images side by side. Default: as many as make the grid square or one line short of it. */
  readonly columns?: number;
  /** What black and white are in values that are not bytes: `unit` 0 and 1, `symmetric` -1 and 1. Default `unit`. */
  readonly range?: 'unit' | 'symmetric';
  /** Each pixel becomes a square of so many. Default: as many as keep an image within 64 pixels, at least 1. */
  readonly scale?: number;
  /** Grey pixels around each image. Default 2. */
  readonly margin?: number;
}

const DEFAULT_SIDE = 64;
/** Halfway, so that both black and white images stand out from it. */
const MARGIN_GREY = 128;

/**
 * Images in a grid, line by line, as one PNG. Values beyond black and white are drawn as these.
 * @param values [n, height, width, channels], 1 or 3 channels: bytes, or floats in the range.
 * @throws PushforwardError `shape` for no images or a part of one, `numeric` for values that are not finite,
 * `usage` for columns, a scale or a margin that are no whole numbers of at least 1, 1 and 0, `unsupported` for
 * other channels.
 */
export function imageGrid(
  values: Float32Array | Uint8Array,
  shape: ImageShape,
  options: ImageGridOptions = {},
): Buffer {
  checkImageShape(shape);
  const { height, width, channels } = shape;
  const size = imageSize(shape);
  const count = values.length / size;
  if (!Number.isInteger(count) || count === 0) {
    throw new PushforwardError('shape', `${values.length} numbers are no images of ${size}`);
  }
  const {
    columns = Math.ceil(Math.sqrt(count)),
    range = 'unit',
    scale = Math.max(1, Math.floor(DEFAULT_SIDE / Math.max(height, width))),
    margin = 2,
  } = options;
  checkWhole('columns', columns);
  checkWhole('scale', scale);
  checkWhole('margin', margin, 0);

  const bytes = values instanceof Uint8Array ? values : toBytes(values, range);
  const lines = Math.ceil(count / columns);
  const cellHeight = height * scale + margin;
  const cellWidth = width * scale + margin;
  const picture = { height: lines * cellHeight + margin, width: columns * cellWidth + margin, channels };
  const pixels = new Uint8Array(imageSize(picture)).fill(MARGIN_GREY);
  for (let image = 0; image < count; image++) {
    const top = margin + Math.floor(image / columns) * cellHeight;
    const left = margin + (image % columns) * cellWidth;
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const from = image * size + (Math.floor(y / scale) * width + Math.floor(x / scale)) * channels;
        const to = ((top + y) * picture.width + left + x) * channels;
        for (let channel = 0; channel < channels; channel++) {
          pixels[to + channel] = bytes[from + channel] as number;
        }
      }
    }
  }
  return encodePng(pixels, picture);
}

/** Writes `imageGrid` to a file, whole or not at all. */
export async function writeImageGrid(
  path: string,
  values: Float32Array | Uint8Array,
  shape: ImageShape,
  options: ImageGridOptions = {},
): Promise<void> {
  await writeFileAtomic(path, imageGrid(values, shape, options));
}

/**
 * Images and their reconstructions [n, size] in the order of a grid that has, below each line of `columns`
 * images, the line of what became of them. The last line is filled with zeros if n is no multiple of `columns`.
 * @throws PushforwardError `shape` for as many values as make no rows of `size`, or not the same number of both.
 */
export function reconstructionLines(
  originals: Float32Array,
  reconstructions: Float32Array,
  size: number,
  columns: number,
): Float32Array {
  if (originals.length !== reconstructions.length || originals.length % size !== 0) {
    throw new PushforwardError(
      'shape',
      `${originals.length} and ${reconstructions.length} numbers are no images of ${size} and as many reconstructions`,
    );
  }
  const line = columns * size;
  const lines = Math.ceil(originals.length / line);
  const out = new Float32Array(2 * lines * line);
  for (let i = 0; i < lines; i++) {
    out.set(originals.subarray(i * line, (i + 1) * line), 2 * i * line);
    out.set(reconstructions.subarray(i * line, (i + 1) * line), (2 * i + 1) * line);
  }
  return out;
}

function toBytes(values: Float32Array, range: 'unit' | 'symmetric'): Uint8Array {
  const [factor, offset] = range === 'unit' ? [255, 0] : [127.5, 127.5];
  return Uint8Array.from(values, (value) => {
    if (!Number.isFinite(value)) {
      throw new PushforwardError('numeric', `an image holds ${value}`, {
        mend: 'check that the training has not diverged',
      });
    }
    return Math.min(255, Math.max(0, Math.round(value * factor + offset)));
  });
}
