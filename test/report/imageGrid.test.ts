import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, inflateSync } from 'node:zlib';
import test from 'ava';
import { PushforwardError } from '../../src/errors.js';
import { imageGrid, reconstructionLines, writeImageGrid } from '../../src/report/imageGrid.js';

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** The channels of the pixel at a place. */
  at(y: number, x: number): number[];
}

/** Reads an 8-bit PNG without filters chunk by chunk, and checks all that a decoder would. */
function decode(png: Buffer): Picture {
  if (png.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') throw new Error('no PNG');
  const chunks = new Map<string, Buffer>();
  let at = 8;
  while (at < png.length) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    if (crc32(body) !== png.readUInt32BE(at + 8 + length)) throw new Error('checksum');
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  if ([...chunks.keys()].join() !== 'IHDR,IDAT,IEND') throw new Error([...chunks.keys()].join());
  const header = chunks.get('IHDR') as Buffer;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colourType, ...methods] = header.subarray(8);
  if (depth !== 8 || methods.join() !== '0,0,0') throw new Error('header');
  const channels = colourType === 2 ? 3 : 1;
  const lines = inflateSync(chunks.get('IDAT') as Buffer);
  const line = 1 + width * channels;
  if (lines.length !== height * line) throw new Error('length');
  return {
    width,
    height,
    channels,
    at(y, x) {
      if (lines[y * line] !== 0) throw new Error('filter');
      const start = y * line + 1 + x * channels;
      return Array.from(lines.subarray(start, start + channels));
    },
  };
}

const GREY = 128;

for (const channels of [1, 3]) {
  test(`each pixel is a square in its image's cell, margins between (${channels} channels)`, (t) => {
    const shape = { height: 2, width: 3, channels };
    const [count, columns, scale, margin] = [5, 3, 4, 1];
    const bytes = Uint8Array.from({ length: count * 6 * channels }, (_, i) => (i * 53) % 256);
    const picture = decode(imageGrid(bytes, shape, { columns, scale, margin }));
    t.deepEqual([picture.channels, picture.height, picture.width], [channels, 2 * 9 + 1, 3 * 13 + 1]);
    for (let y = 0; y < picture.height; y++) {
      for (let x = 0; x < picture.width; x++) {
        const [line, column] = [Math.floor(y / 9), Math.floor(x / 13)];
        const image = line * columns + column;
        const isMargin = y % 9 === 0 || x % 13 === 0 || image >= count;
        const start =
          (image * 6 + Math.floor(((y % 9) - 1) / scale) * 3 + Math.floor(((x % 13) - 1) / scale)) * channels;
        const expected = isMargin
          ? new Array(channels).fill(GREY)
          : Array.from(bytes.subarray(start, start + channels));
        t.deepEqual(picture.at(y, x), expected, `${y}, ${x}`);
      }
    }
  });
}

test('floats are drawn over their range and cut beyond it', (t) => {
  const shape = { height: 1, width: 5, channels: 1 };
  const draw = (values: number[], range: 'unit' | 'symmetric') => {
    const picture = decode(imageGrid(Float32Array.from(values), shape, { range, scale: 1, margin: 0 }));
    return Array.from(values, (_, x) => picture.at(0, x)[0]);
  };
  t.deepEqual(draw([-3, 0, 0.2, 1, 7], 'unit'), [0, 0, 51, 255, 255]);
  t.deepEqual(draw([-3, -1, 0.2, 1, 7], 'symmetric'), [0, 0, 153, 255, 255]);
});

test('by default a grid is square and its images are seen', (t) => {
  const picture = decode(imageGrid(new Float32Array(10 * 784), { height: 28, width: 28, channels: 1 }));
  t.deepEqual([picture.width, picture.height], [4 * 58 + 2, 3 * 58 + 2]);
});

test('reconstructions stand below what they are of', (t) => {
  const originals = Float32Array.of(1, 2, 3, 4, 5, 6);
  const lines = reconstructionLines(
    originals,
    originals.map((value) => value + 10),
    2,
    2,
  );
  t.deepEqual(Array.from(lines), [1, 2, 3, 4, 11, 12, 13, 14, 5, 6, 0, 0, 15, 16, 0, 0]);
  t.throws(() => reconstructionLines(originals, originals.subarray(2), 2, 2), {
    instanceOf: PushforwardError,
  });
});

test('a grid is written whole or not at all', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pushforward-report-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const shape = { height: 2, width: 2, channels: 1 };
  const path = join(folder, 'samples', 'epoch-1.png');
  await writeImageGrid(path, Uint8Array.of(0, 1, 2, 3), shape);
  t.deepEqual(await readFile(path), imageGrid(Uint8Array.of(0, 1, 2, 3), shape));
  await t.throwsAsync(writeImageGrid(path, Float32Array.of(0, 0, 0, Number.NaN), shape), {
    instanceOf: PushforwardError,
  });
  t.deepEqual(await readdir(join(folder, 'samples')), ['epoch-1.png']);
  t.is(decode(await readFile(path)).channels, 1);
});

test('what cannot be drawn is refused', (t) => {
  const shape = { height: 2, width: 2, channels: 1 };
  const codeOf = (values: Float32Array, options = {}, channels = 1) =>
    t.throws(() => imageGrid(values, { ...shape, channels }, options), { instanceOf: PushforwardError })
      ?.code;
  t.is(codeOf(new Float32Array(0)), 'shape');
  t.is(codeOf(new Float32Array(6)), 'shape');
  t.is(codeOf(Float32Array.of(0, 0, 0, Number.NaN)), 'numeric');
  t.is(codeOf(new Float32Array(4), { columns: 0 }), 'usage');
  t.is(codeOf(new Float32Array(4), { scale: 1.5 }), 'usage');
  t.is(codeOf(new Float32Array(4), { margin: -1 }), 'usage');
  t.is(codeOf(new Float32Array(8), {}, 2), 'unsupported');
});
