import { PushforwardError } from './errors.js';

/** The shape of one image. Rows hold images row-major, channels last, so that they are images without any copy. */
export interface ImageShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** How many numbers an image has. */
export function imageSize({ height, width, channels }: ImageShape): number {
  return height * width * channels;
}

/** 28 x 28 x 1: height, width and channels. */
export function describeImageShape({ height, width, channels }: ImageShape): string {
  return `${height} x ${width} x ${channels}`;
}

/** @throws PushforwardError `usage` for sizes that are not whole numbers above zero. */
export function checkImageShape({ height, width, channels }: ImageShape): void {
  if ([height, width, channels].every((size) => Number.isInteger(size) && size > 0)) return;
  throw new PushforwardError('usage', `images of ${height} x ${width} pixels and ${channels} channels`, {
    mend: 'give whole numbers above zero',
  });
}
