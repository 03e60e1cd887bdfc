import { writeImageGrid } from './imageGrid.js';

/** A part of the plane; in pictures of it the second coordinate points upwards. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
}

/** Pixels of a picture of the plane, from 0, white, to 1, black; line by line from the top. */
export type PlanePixels = Float32Array;

/** Pixels of each side of a picture of the plane. */
const SIDE = 256;
/** Sides of a point, and what it leaves of the white under it: many that overlap are darker than one. */
const DOT = 2;
const LEFT_OVER = 0.5;

/** Points [n · 2]; those beyond the box are left out. */
export function pointPixels(points: Float32Array, { left, right, low, high }: Box): PlanePixels {
  const white = new Float32Array(SIDE ** 2).fill(1);
  for (let i = 0; i < points.length; i += 2) {
    const column = Math.floor((((points[i] as number) - left) / (right - left)) * SIDE);
    const line = Math.floor(((high - (points[i + 1] as number)) / (high - low)) * SIDE);
    for (let y = Math.max(0, line); y < Math.min(SIDE, line + DOT); y++) {
      for (let x = Math.max(0, column); x < Math.min(SIDE, column + DOT); x++) {
        white[y * SIDE + x] = (white[y * SIDE + x] as number) * LEFT_OVER;
      }
    }
  }
  return white.map((value) => 1 - value);
}

/**
 * A function that is nowhere negative, by its square root against the greatest there, so that little of it is seen too.
 * @param valuesAt its values at points [n · 2], the middles of a line of pixels.
 */
export function functionPixels(valuesAt: (points: Float32Array) => Float32Array, box: Box): PlanePixels {
  const { left, right, low, high } = box;
  const values = new Float32Array(SIDE ** 2);
  const points = new Float32Array(2 * SIDE);
  for (let line = 0; line < SIDE; line++) {
    for (let column = 0; column < SIDE; column++) {
      points[2 * column] = left + ((column + 0.5) / SIDE) * (right - left);
      points[2 * column + 1] = high - ((line + 0.5) / SIDE) * (high - low);
    }
    values.set(valuesAt(points), line * SIDE);
  }
  const greatest = values.reduce((most, value) => Math.max(most, value), 0);
  return greatest === 0 ? values : values.map((value) => Math.sqrt(value / greatest));
}

/** Writes pictures of the plane side by side, whole or not at all. */
export async function writePlanePicture(path: string, panels: readonly PlanePixels[]): Promise<void> {
  const values = new Float32Array(panels.length * SIDE ** 2);
  panels.forEach((pixels, i) => {
    values.set(
      pixels.map((darkness) => 1 - darkness),
      i * SIDE ** 2,
    );
  });
  const shape = { height: SIDE, width: SIDE, channels: 1 };
  await writeImageGrid(path, values, shape, { columns: panels.length, scale: 1 });
}
