import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { Transformer } from '@napi-rs/image';
import type { ExecutionContext } from 'ava';
import { encodePng } from '../../../src/report/png.js';
import { temporaryFolder } from '../files.js';
import { countingBytes } from './files.js';

/** A folder of such files, in folders of their own where the names say so. */
export async function folderOf(
  t: ExecutionContext,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<string> {
  const folder = await temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** A grey PNG that counts its pixels from `start`. */
export function greyPng(height: number, width: number, start = 0): Buffer {
  return encodePng(countingBytes(start + height * width).subarray(start), { height, width, channels: 1 });
}

export interface PngParts {
  readonly height: number;
  readonly width: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha. */
  readonly type: number;
  readonly depth?: number;
  /** The lines, without the numbers of their filters. */
  readonly values: Uint8Array;
  /** Chunks before the pixels. */
  readonly chunks?: Readonly<Record<string, Uint8Array>>;
}

/** A PNG of any colour type and depth, without filters. */
export function pngOf({ height, width, type, depth = 8, values, chunks = {} }: PngParts): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type], 8);
  const line = values.length / height;
  const lines = Array.from({ length: height }, (_, y) => [
    Uint8Array.of(0),
    values.subarray(y * line, (y + 1) * line),
  ]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunkOf('IHDR', header),
    ...Object.entries(chunks).map(([kind, content]) => chunkOf(kind, content)),
    chunkOf('IDAT', deflateSync(Buffer.concat(lines.flat()))),
    chunkOf('IEND', Buffer.alloc(0)),
  ]);
}

function chunkOf(kind: string, content: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
  const [length, checksum] = [content.length, crc32(body)].map((value) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  }) as [Buffer, Buffer];
  return Buffer.concat([length, body, checksum]);
}

/** A JPEG of such colours [height, width, 3], with hardly any loss where they change slowly. */
export async function jpegOf(height: number, width: number, colours: Uint8Array): Promise<Buffer> {
  const opaque = new Uint8Array(4 * height * width).fill(255);
  for (let i = 0; i < height * width; i++) opaque.set(colours.subarray(3 * i, 3 * i + 3), 4 * i);
  return Transformer.fromRgbaPixels(opaque, width, height).jpeg(100);
}

/** The same JPEG with a segment of Exif that says how it was held. */
export function withOrientation(jpeg: Buffer, orientation: number, isLittle: boolean): Buffer {
  const tiff = Buffer.alloc(26);
  const write16 = (value: number, at: number) =>
    isLittle ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at);
  const write32 = (value: number, at: number) =>
    isLittle ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at);
  tiff.write(isLittle ? 'II' : 'MM', 'latin1');
  write16(42, 2);
  write32(8, 4);
  write16(1, 8);
  write16(0x0112, 10);
  write16(3, 12);
  write32(1, 14);
  write16(orientation, 18);
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const segment = Buffer.alloc(4);
  segment.writeUInt16BE(0xffe1, 0);
  segment.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), segment, content, jpeg.subarray(2)]);
}
