import { tf } from '../../tf.js';
import { addSizes, BATCH_SIZES, isBatchMultiple, type Size, sameSize } from '../dimensions.js';
import type { Conversion, Converters, Operand } from './conversion.js';

/** Ends of a slice that runs backwards to the first element: before everything. */
const BEFORE_ALL = -(2 ** 31);

interface AxisSlice {
  readonly axis: number;
  readonly start: Size;
  readonly end: Size;
  readonly step: number;
}

function writeSlices({ graph }: Conversion, value: string, slices: readonly AxisSlice[]): string {
  if (slices.length === 0) return value;
  return graph.op('Slice', [
    value,
    graph.sizes(slices.map(({ start }) => start)),
    graph.sizes(slices.map(({ end }) => end)),
    graph.vector(
      'int64',
      slices.map(({ axis }) => axis),
    ),
    graph.vector(
      'int64',
      slices.map(({ step }) => step),
    ),
  ]);
}

/** The part of `size` elements from `start` on, or undefined when that is all of the axis. */
function part(
  conversion: Conversion,
  { sizes }: Operand,
  axis: number,
  start: Size,
  size: Size,
): AxisSlice | undefined {
  if (start === 0 && sameSize(size, sizes[axis] as Size)) return undefined;
  const end = addSizes(start, size);
  if (end === undefined)
    return conversion.unsupported(`it cuts the rows at a place that depends on their number`);
  return { axis, start, end, step: 1 };
}

function sizeOf(value: unknown): Size | undefined {
  return typeof value === 'number' || isBatchMultiple(value) ? value : undefined;
}

function slice(conversion: Conversion): string {
  const x = conversion.input('x');
  const { begin } = conversion.attributes;
  const starts = Array.isArray(begin) ? begin : [begin];
  const parts = x.sizes.flatMap((_, axis) => {
    const start = sizeOf(starts[axis] ?? 0);
    if (start === undefined) return conversion.unsupported('its attribute begin is no list of numbers');
    return part(conversion, x, axis, start, conversion.result.sizes[axis] as Size) ?? [];
  });
  return writeSlices(conversion, x.value, parts);
}

function split(conversion: Conversion): string[] {
  const x = conversion.input('x');
  const [axis = 0] = conversion.axes('axis', x.sizes.length);
  let start: Size = 0;
  return conversion.results.map(({ sizes }) => {
    const size = sizes[axis] as Size;
    const piece = part(conversion, x, axis, start, size);
    start = addSizes(start, size) ?? conversion.unsupported('it splits the rows into unequal parts');
    return writeSlices(conversion, x.value, piece === undefined ? [] : [piece]);
  });
}

/** Python-like slices. Along the rows only the whole axis can be taken. */
function stridedSlice(conversion: Conversion): string {
  const { graph, result } = conversion;
  const x = conversion.input('x');
  const rows = (size: Size) => (isBatchMultiple(size) ? size.batches * BATCH_SIZES[0] : size);
  const list = (name: string) => conversion.numbers(name);
  const info = tf.slice_util.sliceInfo(
    x.sizes.map(rows),
    list('begin'),
    list('end'),
    list('strides'),
    conversion.number('beginMask'),
    conversion.number('endMask'),
    conversion.number('ellipsisMask'),
    conversion.number('newAxisMask'),
    conversion.number('shrinkAxisMask'),
  );
  const slices = x.sizes.flatMap((size, axis) => {
    const [start, end, step] = [info.begin[axis] ?? 0, info.end[axis] ?? 0, info.strides[axis] ?? 1];
    if (start === 0 && end === rows(size) && step === 1) return [];
    if (isBatchMultiple(size)) return conversion.unsupported('it takes a part of the rows');
    return { axis, start, end: end < 0 ? BEFORE_ALL : end, step };
  });
  return graph.reshape(writeSlices(conversion, x.value, slices), result.sizes);
}

function reverse(conversion: Conversion): string {
  const { value, sizes } = conversion.input('x');
  const axes = conversion.axes('dims', sizes.length);
  return writeSlices(
    conversion,
    value,
    axes.map((axis) => ({ axis, start: -1, end: BEFORE_ALL, step: -1 })),
  );
}

export const slices: Converters = {
  Slice: slice,
  SplitV: split,
  StridedSlice: stridedSlice,
  Reverse: reverse,
};
