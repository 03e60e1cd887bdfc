import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readImages } from '../../src/data/images/readImages.js';
import { functionPixels, pointPixels, writePlanePicture } from '../../src/report/planePicture.js';

const box = { left: -1, right: 3, low: 10, high: 12 };
const SIDE = 256;

/** Mean darkness of the parts of a picture: upper left, upper right, lower left, lower right. */
function quarters(pixels: Float32Array): number[] {
  const sums = [0, 0, 0, 0];
  pixels.forEach((darkness, i) => {
    const part = 2 * Number(i >= SIDE ** 2 / 2) + Number(i % SIDE >= SIDE / 2);
    sums[part] = (sums[part] as number) + darkness / (SIDE ** 2 / 4);
  });
  return sums;
}

test('points stand where they are, darker where they are many, and not at all beyond the box', (t) => {
  const inside = [2.5, 11.7];
  const once = quarters(pointPixels(Float32Array.from(inside), box));
  t.true((once[1] as number) > 0);
  t.deepEqual([once[0], once[2], once[3]], [0, 0, 0]);
  const twice = quarters(pointPixels(Float32Array.from([...inside, ...inside]), box));
  t.true((twice[1] as number) > (once[1] as number));
  const beyond = [-1.5, 11, 3.5, 11, 1, 9.5, 1, 12.5, Number.NaN, 11, 1, Number.POSITIVE_INFINITY];
  t.deepEqual(quarters(pointPixels(Float32Array.from(beyond), box)), [0, 0, 0, 0]);
});

test('a function is black where it is greatest, white where it is 0, and is asked at the middles of pixels', (t) => {
  const asked: number[] = [];
  // 1 at x > 1, a quarter at y < 11 beside that, else 0.
  const pixels = functionPixels((points) => {
    asked.push(...points);
    return Float32Array.from({ length: points.length / 2 }, (_, i) => {
      if ((points[2 * i] as number) > 1) return 7;
      return (points[2 * i + 1] as number) < 11 ? 7 / 4 : 0;
    });
  }, box);
  t.deepEqual(quarters(pixels), [0, 1, 0.5, 1]);
  t.is(asked.length, 2 * SIDE ** 2);
  t.true(Math.abs(Math.min(...asked.slice(0, 2 * SIDE)) - (-1 + 2 / SIDE)) < 1e-5);
  t.true(
    functionPixels((points) => new Float32Array(points.length / 2), box).every((darkness) => darkness === 0),
  );
});

test('pictures stand side by side, black on white', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pushforward-plane-'));
  try {
    const white = new Float32Array(SIDE ** 2);
    await writePlanePicture(join(folder, 'plane.png'), [white, white.map(() => 1)]);
    const { pixels, shape } = await readImages(folder);
    const at = (line: number, column: number) => pixels[(line * shape.width + column) * shape.channels];
    t.true(shape.width > 2 * SIDE && shape.height > SIDE && shape.height < 2 * SIDE);
    t.is(at(100, 100), 255);
    t.is(at(100, 100 + SIDE), 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
