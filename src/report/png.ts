import { crc32, deflateSync } from 'node:zlib';
import { PushforwardError } from '../errors.js';
import { type ImageShape, imageSize } from '../imageShape.js';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Colour types by the number of channels. */
const COLOUR_TYPES: Readonly<Record<number, number>> = { 1: 0, 3: 2 };

/**
 * A PNG (W3C recommendation, third edition) of 8 bits, grey or red, green and blue, without filters or
 * interlacing.
 * @param pixels [height, width, channels].
 * @throws PushforwardError `unsupported` for other channels than 1 and 3, `shape` for other than one image.
 */
export function encodePng(pixels: Uint8Array, shape: ImageShape): Buffer {
  const { height, width, channels } = shape;
  const colourType = COLOUR_TYPES[channels];
  if (colourType === undefined) {
    throw new PushforwardError('unsupported', `a picture of ${channels} channels`, { mend: 'give 1 or 3' });
  }
  if (pixels.length !== imageSize(shape)) {
    throw new PushforwardError('shape', `${pixels.length} bytes are no ${height} x ${width} x ${channels}`);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, colourType], 8);
  // Each line begins with the number of its filter, 0 for none.
  const line = width * channels;
  const lines = Buffer.alloc(height * (line + 1));
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Length, kind, content, and the checksum of the latter two. */
function chunk(kind: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
