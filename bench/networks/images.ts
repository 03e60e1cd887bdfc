import type { AutoencoderConfiguration, GanConfiguration } from './configurations.js';

type ImageConfiguration = AutoencoderConfiguration | GanConfiguration;

/** Each convolution halves the sides of the images, or doubles them: four pixels wide, in steps of two. */
export const STRIDED = { kernelSize: 4, strides: 2, padding: 'same' } as const;

/** The smallest images inside of the networks: [height, width, channels]. */
export function innermost({ side, channels }: ImageConfiguration): [number, number, number] {
  return [side / 4, side / 4, channels[1]];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Multiply-adds of the two convolutions of one image, in the order of an encoder. */
export function convolutionCosts({ side, channels }: ImageConfiguration): [number, number] {
  const taps = STRIDED.kernelSize ** 2;
  return [(side / 2) ** 2 * taps * channels[0], (side / 4) ** 2 * taps * channels[0] * channels[1]];
}
