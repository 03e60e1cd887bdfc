/** Rows of a model of arrays as its graphs take and give them: images with their channels first, as runtimes want them. */
import { type Tensor, tf } from '../tf.js';
import type { GraphBuilder } from './graph.js';
import type { Dimension } from './tensor.js';
import type { TraceArgument } from './trace.js';

/** Whether rows of this shape are images [height, width, channels]. */
function isImage(shape: readonly number[]): shape is readonly [number, number, number] {
  return shape.length === 3;
}

/** Name of the tensor of rows: `image`, or `x` for rows that are no images. */
export function rowName(shape: readonly number[]): 'image' | 'x' {
  return isImage(shape) ? 'image' : 'x';
}

/** Its dimensions: [batch, channels, height, width], or [batch, ...shape]. */
export function rowDimensions(shape: readonly number[]): Dimension[] {
  return isImage(shape) ? ['batch', shape[2], shape[0], shape[1]] : ['batch', ...shape];
}

/** Rows [n, ...shape] as a graph has them. */
export function toGraphRows(rows: Tensor): Tensor {
  return rows.rank === 4 ? tf.transpose(rows, [0, 3, 1, 2]) : rows;
}

/** Rows of a graph as [n, ...shape]. */
export function fromGraphRows(rows: Tensor): Tensor {
  return rows.rank === 4 ? tf.transpose(rows, [0, 2, 3, 1]) : rows;
}

/** An input of float32, to be traced. */
export function floatArgument(
  builder: GraphBuilder,
  name: string,
  shape: readonly Dimension[],
): TraceArgument {
  return { value: builder.input(name, 'float32', shape), dtype: 'float32', shape };
}

/** The input `context` [batch, width], where there is one. */
export function contextArguments(builder: GraphBuilder, width: number): TraceArgument[] {
  return width === 0 ? [] : [floatArgument(builder, 'context', ['batch', width])];
}
