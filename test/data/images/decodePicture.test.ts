import test from 'ava';
import { decodePicture, type PictureOptions } from '../../../src/data/images/decodePicture.js';
import { pictureHeader } from '../../../src/data/images/pictureHeader.js';
import { PushforwardError } from '../../../src/errors.js';
import { imageSize } from '../../../src/imageShape.js';
import { Random } from '../../../src/random.js';
import { encodePng } from '../../../src/report/png.js';
import { expectFailure, fileOf } from '../files.js';
import { countingBytes } from './files.js';
import { greyPng, jpegOf, pngOf, withOrientation } from './pictureFiles.js';

const ramp = (height: number, width: number) =>
  Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    return [4 * (pixel % width), 3 * Math.floor(pixel / width), 90][i % 3] as number;
  });

test('each kind of PNG gives its pixels; what is transparent lies on black', async (t) => {
  const decode = async (file: Buffer, options?: PictureOptions) => {
    const { shape, pixels } = await decodePicture(await fileOf(t, 'a.png', file), options);
    return [shape.channels, ...pixels];
  };
  const size = { height: 1, width: 2 };
  const values = (...bytes: number[]) => Uint8Array.from(bytes);
  const palette = { PLTE: values(9, 8, 7, 40, 50, 60), tRNS: values(255, 0) };
  t.deepEqual(await decode(pngOf({ ...size, type: 0, values: values(3, 200) })), [1, 3, 200]);
  t.deepEqual(await decode(pngOf({ ...size, type: 0, depth: 1, values: values(0b0100_0000) })), [1, 0, 255]);
  t.deepEqual(
    await decode(pngOf({ ...size, type: 3, values: values(0, 1), chunks: palette })),
    [3, 9, 8, 7, 0, 0, 0],
  );
  const greyAlpha = pngOf({ ...size, type: 4, values: values(200, 51, 200, 255) });
  t.deepEqual(await decode(greyAlpha), [1, 40, 200]);
  t.deepEqual(await decode(greyAlpha, { channels: 3 }), [3, 40, 40, 40, 200, 200, 200]);
  const colourAlpha = pngOf({ ...size, type: 6, values: values(200, 100, 50, 51, 1, 2, 3, 255) });
  t.deepEqual(await decode(colourAlpha), [3, 40, 20, 10, 1, 2, 3]);
  const colour = pngOf({ ...size, type: 2, values: values(255, 0, 0, 0, 255, 0) });
  t.deepEqual(await decode(colour, { channels: 1 }), [1, 76, 150]);
  // Greys stay what they are, there and back.
  const greys = encodePng(countingBytes(256), { height: 16, width: 16, channels: 1 });
  const [, ...triples] = await decode(greys, { channels: 3 });
  const again = encodePng(Uint8Array.from(triples), { height: 16, width: 16, channels: 3 });
  t.deepEqual(await decode(again, { channels: 1 }), [1, ...countingBytes(256)]);
});

test('JPEG is near what was saved, whatever its name, and turned as it was held', async (t) => {
  const [height, width] = [24, 40];
  const colours = ramp(height, width);
  const jpeg = await jpegOf(height, width, colours);
  /** The largest difference from the stored colours, found [rows, …, 3] being those at such places. */
  const furthest = (found: Uint8Array, rows: number, at: (y: number, x: number) => number) => {
    const columns = found.length / 3 / rows;
    return found.reduce((worst, value, i) => {
      const pixel = Math.floor(i / 3);
      const place = at(Math.floor(pixel / columns), pixel % columns);
      return Math.max(worst, Math.abs(value - (colours[3 * place + (i % 3)] as number)));
    }, 0);
  };
  const plain = await decodePicture(await fileOf(t, 'wrong.png', jpeg));
  t.deepEqual(plain.shape, { height, width, channels: 3 });
  t.true(furthest(plain.pixels, height, (y, x) => y * width + x) <= 6);
  // Where the pixel at (y, x) of the upright picture is stored, by orientation.
  const stored: Record<number, (y: number, x: number) => number> = {
    0: (y, x) => y * width + x,
    2: (y, x) => y * width + (width - 1 - x),
    3: (y, x) => (height - 1 - y) * width + (width - 1 - x),
    4: (y, x) => (height - 1 - y) * width + x,
    5: (y, x) => x * width + y,
    6: (y, x) => (height - 1 - x) * width + y,
    7: (y, x) => (height - 1 - x) * width + (width - 1 - y),
    8: (y, x) => x * width + (width - 1 - y),
  };
  for (const [orientation, at] of Object.entries(stored)) {
    const held = withOrientation(jpeg, Number(orientation), Number(orientation) % 2 === 0);
    const { shape, pixels } = await decodePicture(await fileOf(t, 'a.jpg', held));
    t.is(shape.height, Number(orientation) > 4 ? width : height);
    t.true(furthest(pixels, shape.height, at) <= 6, `orientation ${orientation}`);
  }
});

test('a picture is scaled to cover the size and cut to its middle', async (t) => {
  const wide = Uint8Array.from({ length: 3 * 60 }, (_, i) => 4 * (i % 60));
  const file = await fileOf(t, 'a.png', encodePng(wide, { height: 3, width: 60, channels: 1 }));
  const cut = await decodePicture(file, { size: { height: 3, width: 30 } });
  t.deepEqual(Array.from(cut.pixels.subarray(0, 30)), Array.from(wide.subarray(15, 45)));
  // A straight line stays one under a filter that keeps first moments; the ends see the edge.
  const half = await decodePicture(await fileOf(t, 'b.png', greyPng(12, 20)), {
    size: { height: 6, width: 10 },
  });
  for (let y = 2; y < 4; y++) {
    for (let x = 2; x < 8; x++) {
      const mean = 20 * (2 * y + 0.5) + 2 * x + 0.5;
      t.true(Math.abs((half.pixels[10 * y + x] as number) - mean) <= 1, `${y}, ${x}`);
    }
  }
});

test('colours that nobody sees do not bleed into a smaller picture', async (t) => {
  // Every other pixel is red and clear, or black; the others are of a dark grey.
  const striped = (...other: number[]) => {
    const pixels = new Uint8Array(8 * 8 * 4);
    for (let i = 0; i < pixels.length; i += 8) pixels.set([...other, 40, 40, 40, 255], i);
    return pixels;
  };
  const [clear, black] = await Promise.all(
    [striped(255, 0, 0, 0), striped(0, 0, 0, 255)].map(async (values) => {
      const png = pngOf({ height: 8, width: 8, type: 6, values });
      return decodePicture(await fileOf(t, 'a.png', png), { size: { height: 4, width: 4 } });
    }),
  );
  t.deepEqual(clear?.pixels, black?.pixels);
});

test('a file cut anywhere is refused by name, and so is one that is damaged', async (t) => {
  const jpeg = withOrientation(await jpegOf(16, 16, ramp(16, 16)), 3, true);
  const thumbnail = Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.from([0xff, 0xe2, 0, 4, 0xff, 0xd9]),
    jpeg.subarray(2),
  ]);
  for (const [name, whole] of [
    ['a.png', greyPng(16, 16)],
    ['a.jpg', jpeg],
    ['b.jpg', thumbnail],
  ] as const) {
    await t.notThrowsAsync(async () => decodePicture(await fileOf(t, name, whole)));
    for (let length = 8; length < whole.length; length += 5) {
      const file = await fileOf(t, name, whole.subarray(0, length));
      await expectFailure(t, () => decodePicture(file), 'damaged', file, 'cut', 'again');
    }
  }
  const changed = Buffer.from(greyPng(16, 16));
  changed[50] = (changed[50] as number) ^ 0x10;
  const file = await fileOf(t, 'changed.png', changed);
  await expectFailure(t, () => decodePicture(file), 'damaged', file, 'does not decode');
});

test('a JPEG with what cannot stand in its picture is refused by name', async (t) => {
  const jpeg = await jpegOf(16, 16, ramp(16, 16));
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]));
  const inside = scan + 2 + jpeg.readUInt16BE(scan + 2);
  const put = (file: Buffer, at: number, ...bytes: number[]) =>
    Buffer.concat([file.subarray(0, at), Buffer.from(bytes), file.subarray(at)]);
  const refused = async (content: Buffer, ...words: string[]) => {
    const file = await fileOf(t, 'a.jpg', content);
    await expectFailure(t, () => decodePicture(file), 'damaged', file, 'the JPEG is damaged', ...words);
  };
  for (const marker of [0x01, 0x80, 0xc0, 0xcc, 0xf0, 0xfd]) {
    await refused(put(jpeg, inside, 0xff, marker), `marker ${marker.toString(16)}`);
  }
  await refused(put(jpeg, inside, 0xff, 0xd0), 'restart');
  const restarting = put(jpeg, scan, 0xff, 0xdd, 0, 4, 0, 9);
  const restarts = (...numbers: number[]) =>
    put(restarting, inside + 6, ...numbers.flatMap((number) => [0xff, 0xd0 + number]));
  await refused(restarts(1), 'restart');
  await refused(restarts(0, 1, 3), 'restart');
  await refused(put(restarts(0, 1), scan + 6, 0xff, 0xdd, 0, 4, 0, 0), 'restart');
  // Eight in a cycle, bytes of filling, and scans after scans with tables of their own are as they should be.
  const again = [0xff, 0xff, 0xc4, 0, 3, 0, 0xff, 0xda, 0, 3, 0, 0xff, 0xd0, 0xff, 0];
  const whole = put(restarts(0, 1, 2, 3, 4, 5, 6, 7, 0, 1), inside + 26, ...again);
  t.notThrows(() => pictureHeader(whole, 'a.jpg'));
  await refused(put(whole, inside + 28, 0xff, 0xd5), 'restart');
});

test('changed bytes are errors of ours or harmless, never crashes', async (t) => {
  const random = new Random(5);
  const below = (n: number) => Math.floor((random.uniform(new Float32Array(1))[0] as number) * n);
  const files = [greyPng(16, 16), withOrientation(await jpegOf(16, 16, ramp(16, 16)), 1, false)];
  for (let i = 0; i < 200; i++) {
    const bytes = Buffer.from(files[i % 2] as Buffer);
    for (let k = below(5); k >= 0; k--) bytes[below(i % 4 < 2 ? 64 : bytes.length)] = below(256);
    const file = await fileOf(t, 'a.png', bytes);
    try {
      const { shape, pixels } = await decodePicture(file);
      t.is(pixels.length, imageSize(shape));
    } catch (error) {
      t.true(error instanceof PushforwardError && error.message.startsWith(file), String(error));
    }
  }
});

test('other kinds of file, animations and 16 bits are refused with what to do', async (t) => {
  const refused = async (content: string | Uint8Array, ...words: string[]) => {
    const file = await fileOf(t, 'a.png', content);
    await expectFailure(t, () => decodePicture(file), 'input', file, ...words);
  };
  await refused('GIF89a', 'neither PNG nor JPEG', 'convert');
  await refused('', 'empty');
  await expectFailure(t, () => decodePicture('none.png'), 'input', 'none.png', 'no such file');
  const size = { height: 1, width: 1 };
  await refused(pngOf({ ...size, type: 0, depth: 16, values: Uint8Array.of(1, 2) }), '16 bits', 'NPY');
  const acTL = Buffer.alloc(8, 1);
  await refused(pngOf({ ...size, type: 0, values: Uint8Array.of(1), chunks: { acTL } }), 'animated');
});
