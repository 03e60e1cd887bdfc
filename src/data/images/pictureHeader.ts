import { damaged, unusable } from './readBytes.js';

/** What the headers of a PNG or JPEG file say of its picture. */
export interface PictureHeader {
  /** As it is stored. */
  readonly height: number;
  readonly width: number;
  /** How the stored picture is to be turned to be upright, 1 to 8 as Exif counts; 1 is not at all. */
  readonly orientation: number;
  /** Whether it has no colours. A palette counts as colours. */
  readonly isGrey: boolean;
  /** Whether nothing of it is transparent. */
  readonly isOpaque: boolean;
}

const PNG = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

/**
 * Reads the headers of a PNG or JPEG file, known by its content whatever it is called, as far as to its end: a
 * decoder fills what is cut off with grey.
 * @param where the file's name, for messages.
 * @throws PushforwardError `input` for other kinds of file, animations and PNG of 16 bits, `damaged` for a file that
 * is cut.
 */
export function pictureHeader(bytes: Buffer, where: string): PictureHeader {
  if (PNG.equals(bytes.subarray(0, PNG.length))) return pngHeader(bytes, where);
  if (JPEG.equals(bytes.subarray(0, JPEG.length))) return jpegHeader(bytes, where);
  const what = bytes.length === 0 ? 'is empty' : 'is neither PNG nor JPEG inside';
  throw unusable(where, what, 'convert it to PNG, or take it out of the folder');
}

/** Bits of the colour type. */
const COLOURED = 2;
const WITH_ALPHA = 4;

/** Chunks of length, kind, content and checksum (W3C, Portable Network Graphics, third edition, section 5). */
function pngHeader(bytes: Buffer, where: string): PictureHeader {
  const kinds = new Set<string>();
  for (let at = PNG.length; at + 12 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    kinds.add(bytes.toString('latin1', at + 4, at + 8));
  }
  if (!kinds.has('IHDR') || !kinds.has('IEND')) throw damaged(where, 'the PNG is cut');
  if (kinds.has('acTL')) {
    throw unusable(where, 'an animated PNG', 'save its frames as files of their own');
  }
  if (bytes[24] === 16) {
    const mend = 'convert it to 8 bits, or save the images as floats in [0, 1] in an NPY file';
    throw unusable(where, 'a PNG of 16 bits', mend);
  }
  const type = bytes[25] as number;
  return {
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
    orientation: 1,
    isGrey: (type & COLOURED) === 0,
    isOpaque: (type & WITH_ALPHA) === 0 && !kinds.has('tRNS'),
  };
}

const RESTART_0 = 0xd0;
const END = 0xd9;
const START_OF_SCAN = 0xda;
const RESTART_INTERVAL = 0xdd;
const APPLICATION_1 = 0xe1;

/** Start-of-frame markers: C0 to CF but for the tables C4 and CC and the reserved C8. */
const isFrame = (marker: number) => (marker & 0xf0) === 0xc0 && ![0xc4, 0xc8, 0xcc].includes(marker);

const isRestart = (marker: number) => (marker & 0xf8) === RESTART_0;

/** What may stand between scans: Huffman tables, all from a scan's start to FE but for reserved ones, no frame. */
const isSegment = (marker: number) =>
  marker === 0xc4 || (marker >= START_OF_SCAN && marker <= 0xef) || marker === 0xfe;

/** Segments of marker, length and content up to the first scan (ITU-T T.81, annex B). */
function jpegHeader(bytes: Buffer, where: string): PictureHeader {
  let frame: Pick<PictureHeader, 'height' | 'width' | 'isGrey'> | undefined;
  let [orientation, interval, isStarted] = [1, 0, false];
  let at = 2;
  while (!isStarted && at + 10 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      // A byte of filling before a marker.
      at += 1;
      continue;
    }
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    if (isFrame(marker)) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      frame = { height, width, isGrey: bytes[at + 9] === 1 };
    }
    if (marker === APPLICATION_1) orientation = exifOrientation(bytes.subarray(at + 4, end)) ?? orientation;
    if (marker === RESTART_INTERVAL) interval = bytes.readUInt16BE(at + 4);
    isStarted = marker === START_OF_SCAN;
    at = end;
  }
  if (frame === undefined || !isStarted) throw damaged(where, 'the JPEG is cut');
  followScans(bytes, at, interval, where);
  return { ...frame, orientation, isOpaque: true };
}

/**
 * Goes through the scans of a JPEG to its end. In a scan a byte of FF comes before 0, or before the restart that is
 * next in the cycle of 8, where there are any at all.
 * @param interval blocks between restarts; 0 is without any.
 * @throws PushforwardError `damaged`.
 */
function followScans(bytes: Buffer, start: number, interval: number, where: string): void {
  let [at, hasRestarts, next] = [start, interval > 0, RESTART_0];
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 2 > bytes.length) throw damaged(where, 'the JPEG is cut');
    const marker = bytes[at + 1] as number;
    if (marker === END) return;
    if (marker === 0xff) at += 1;
    else if (marker === 0) at += 2;
    else if (marker === next && hasRestarts) {
      next = RESTART_0 + ((next + 1) % 8);
      at += 2;
    } else if (isSegment(marker)) {
      if (at + 6 > bytes.length) throw damaged(where, 'the JPEG is cut');
      if (marker === RESTART_INTERVAL) hasRestarts = bytes.readUInt16BE(at + 4) > 0;
      if (marker === START_OF_SCAN) next = RESTART_0;
      at += 2 + bytes.readUInt16BE(at + 2);
    } else {
      const what = isRestart(marker) ? 'a restart out of its turn' : `the marker ${marker.toString(16)}`;
      throw damaged(where, `the JPEG is damaged: ${what} in its picture`);
    }
  }
}

const EXIF = Buffer.from('Exif\0\0', 'latin1');
const ORIENTATION = 0x0112;

/** The tag Orientation of the first directory of a segment of Exif 2.32; null where it has none that makes sense. */
function exifOrientation(segment: Buffer): number | null {
  if (!EXIF.equals(segment.subarray(0, EXIF.length))) return null;
  const tiff = segment.subarray(EXIF.length);
  if (tiff.length < 8) return null;
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return null;
  const entries = Math.min(short(directory), Math.floor((tiff.length - directory - 2) / 12));
  for (let entry = 0; entry < entries; entry++) {
    const at = directory + 2 + 12 * entry;
    if (short(at) !== ORIENTATION) continue;
    const value = short(at + 8);
    return value >= 1 && value <= 8 ? value : null;
  }
  return null;
}
