import type { tf } from '../../tf.js';
import type { GraphWriter } from '../writer.js';
import type { Conversion, Operand } from './conversion.js';

type Padding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

/** tfjs keeps the channels of images last and ONNX first; where both meet, `foldTransposes` leaves the way out. */
const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];

export function channelsFirst(graph: GraphWriter, images: string): string {
  return graph.op('Transpose', [images], { perm: CHANNELS_FIRST });
}

export function channelsLast(graph: GraphWriter, images: string): string {
  return graph.op('Transpose', [images], { perm: CHANNELS_LAST });
}

/** A number for both directions, or one for each. */
export function pairOf(conversion: Conversion, name: string): [number, number] {
  const value = conversion.attributes[name];
  return typeof value === 'number' ? [value, value] : (conversion.numbers(name) as [number, number]);
}

/** Height, width and channels of images, none of which may depend on the rows. */
export function imageShape(conversion: Conversion, operand: Operand): [number, number, number] {
  return [1, 2, 3].map((axis) => conversion.fixedSize(operand, axis)) as [number, number, number];
}

/** The padding that the kernel was given, in words or numbers, whatever tfjs' types call it. */
export function paddingOf({ attributes }: Conversion): Padding {
  return attributes.pad as Padding;
}

export function roundingOf({ attributes }: Conversion): 'floor' | undefined {
  return attributes.dimRoundingMode as 'floor' | undefined;
}

/** Padding as ONNX writes it: before both axes, then after both. */
export function padsOf({
  top,
  left,
  bottom,
  right,
}: ReturnType<typeof tf.backend_util.computeConv2DInfo>['padInfo']) {
  return [top, left, bottom, right];
}
