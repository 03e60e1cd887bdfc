/** Kernels that move entries about, pick them, or put them together. */
import { type Tensor, tf } from '../../../src/tf.js';
import { type Doubles, entry, filled } from '../reference/arrays.js';
import type { Draw, KernelEntry } from './draw.js';

/** An op of one tensor, and where each entry of its result stood before; one from nowhere is 0. */
function move(
  kernel: string,
  make: (
    draw: Draw,
    shape: number[],
  ) => { op: (x: Tensor) => Tensor; to: number[]; from: (index: number[]) => number[] | undefined },
  shapes = (draw: Draw) => draw.shape(1, 4),
): KernelEntry {
  return {
    kernel,
    draw: (draw) => {
      const shape = shapes(draw);
      const { op, to, from } = make(draw, shape);
      return {
        op: (x) => op(x as Tensor),
        reference: (x) =>
          filled(to, (index) => {
            const place = from(index);
            return place === undefined ? 0 : entry(x as Doubles, place);
          }),
        inputs: [draw.numbers(shape)],
      };
    },
  };
}

/** Several tensors alike but along one axis, in which they are then laid side by side. */
function alongAxis(draw: Draw, isNew: boolean) {
  const shape = draw.shape(isNew ? 0 : 1, 3);
  const axis = draw.int(0, isNew ? shape.length : shape.length - 1);
  const sizes = Array.from({ length: draw.int(2, 3) }, () => draw.int(1, 2));
  return { shape, axis, sizes };
}

const withSize = (shape: readonly number[], axis: number, size: number) => shape.with(axis, size);

/** Which of the parts holds a place along the axis, and where in it. */
function partOf(sizes: readonly number[], place: number): { part: number; at: number } {
  let [part, at] = [0, place];
  while (at >= (sizes[part] as number)) at -= sizes[part++] as number;
  return { part, at };
}

const sumOf = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0);

export const ARRAYS: readonly KernelEntry[] = [
  move(tf.Reshape, (draw, shape) => {
    const size = tf.util.sizeFromShape(shape);
    const first = draw.pick([1, 2, 3].filter((dim) => size % dim === 0));
    return {
      op: (x) => tf.reshape(x, [first, size / first]),
      to: [first, size / first],
      from: ([i, j]) => {
        let rest = (i as number) * (size / first) + (j as number);
        return shape
          .toReversed()
          .map((dim) => {
            const at = rest % dim;
            rest = Math.floor(rest / dim);
            return at;
          })
          .toReversed();
      },
    };
  }),
  // In several pieces: the CPU kernel gives a view of one in one piece.
  move(
    tf.Slice,
    (draw, shape) => {
      const size = shape.map((dim) => draw.int(2, dim - 1));
      const begin = shape.map((dim, i) => draw.int(0, dim - (size[i] as number)));
      return {
        op: (x) => tf.slice(x, begin, size),
        to: size,
        from: (index) => index.map((at, i) => at + (begin[i] as number)),
      };
    },
    (draw) => draw.shape(2, 3, 2).map((dim) => dim + 2),
  ),
  move(tf.PadV2, (draw, shape) => {
    const paddings = shape.map((): [number, number] => [draw.int(0, 2), draw.int(0, 2)]);
    return {
      op: (x) => tf.pad(x, paddings),
      to: shape.map((dim, i) => dim + sumOf(paddings[i] as [number, number])),
      from: (index) => {
        const place = index.map((at, i) => at - (paddings[i] as [number, number])[0]);
        const isInside = place.every((at, i) => at >= 0 && at < (shape[i] as number));
        return isInside ? place : undefined;
      },
    };
  }),
  move(tf.Tile, (draw, shape) => {
    const reps = shape.map(() => draw.int(1, 3));
    return {
      op: (x) => tf.tile(x, reps),
      to: shape.map((dim, i) => dim * (reps[i] as number)),
      from: (index) => index.map((at, i) => at % (shape[i] as number)),
    };
  }),
  move(tf.Transpose, (draw, shape) => {
    const order = draw.order(shape.length);
    return {
      op: (x) => tf.transpose(x, order),
      to: order.map((axis) => shape[axis] as number),
      from: (index) => shape.map((_, axis) => index[order.indexOf(axis)] as number),
    };
  }),
  move(tf.Reverse, (draw, shape) => {
    const axes = draw.order(shape.length).slice(0, draw.int(1, shape.length));
    return {
      op: (x) => tf.reverse(x, axes),
      to: shape,
      from: (index) => index.map((at, i) => (axes.includes(i) ? (shape[i] as number) - 1 - at : at)),
    };
  }),
  move(tf.GatherV2, (draw, shape) => {
    const axis = draw.int(0, shape.length - 1);
    const count = draw.int(1, 4);
    const picked = Array.from({ length: count }, () => draw.int(0, (shape[axis] as number) - 1));
    return {
      op: (x) => tf.gather(x, tf.tensor1d(picked, 'int32'), axis),
      to: withSize(shape, axis, count),
      from: (index) => index.with(axis, picked[index[axis] as number] as number),
    };
  }),
  {
    kernel: tf.UnsortedSegmentSum,
    draw: (draw) => {
      const shape = draw.shape(1, 3, 4);
      const segments = draw.int(1, 3);
      const numbers = Array.from({ length: shape[0] as number }, () => draw.int(0, segments - 1));
      return {
        op: (x) => tf.unsortedSegmentSum(x as Tensor, tf.tensor1d(numbers, 'int32'), segments),
        reference: (x) =>
          filled([segments, ...shape.slice(1)], ([segment, ...rest]) =>
            sumOf(numbers.map((n, i) => (n === segment ? entry(x as Doubles, [i, ...rest]) : 0))),
          ),
        inputs: [draw.numbers(shape)],
      };
    },
  },
  {
    kernel: tf.Concat,
    draw: (draw) => {
      const { shape, axis, sizes } = alongAxis(draw, false);
      return {
        op: (...parts) => tf.concat(parts, axis),
        reference: (...parts) =>
          filled(withSize(shape, axis, sumOf(sizes)), (index) => {
            const { part, at } = partOf(sizes, index[axis] as number);
            return entry(parts[part] as Doubles, index.with(axis, at));
          }),
        inputs: sizes.map((size) => draw.numbers(withSize(shape, axis, size))),
      };
    },
  },
  {
    kernel: tf.SplitV,
    draw: (draw) => {
      const { shape, axis, sizes } = alongAxis(draw, false);
      const whole = withSize(shape, axis, sumOf(sizes));
      return {
        op: (x) => {
          const parts = tf.split(x as Tensor, sizes, axis);
          return tf.concat(
            parts.map((part, k) => tf.mul(part, k + 1)),
            axis,
          );
        },
        reference: (x) =>
          filled(
            whole,
            (index) => entry(x as Doubles, index) * (partOf(sizes, index[axis] as number).part + 1),
          ),
        inputs: [draw.numbers(whole)],
      };
    },
  },
  {
    kernel: tf.Pack,
    draw: (draw) => {
      const { shape, axis, sizes } = alongAxis(draw, true);
      return {
        op: (...parts) => tf.stack(parts, axis),
        reference: (...parts) =>
          filled(shape.toSpliced(axis, 0, parts.length), (index) =>
            entry(parts[index[axis] as number] as Doubles, index.toSpliced(axis, 1)),
          ),
        inputs: sizes.map(() => draw.numbers(shape)),
      };
    },
  },
  {
    kernel: tf.Unpack,
    draw: (draw) => {
      const { shape, axis, sizes } = alongAxis(draw, true);
      const whole = shape.toSpliced(axis, 0, sizes.length);
      return {
        op: (x) =>
          tf
            .unstack(x as Tensor, axis)
            .map((part, k) => tf.mul(part, k + 1))
            .reduce((a, b) => tf.add(a, b)),
        reference: (x) =>
          filled(shape, (index) =>
            sumOf(sizes.map((_, k) => (k + 1) * entry(x as Doubles, index.toSpliced(axis, 0, k)))),
          ),
        inputs: [draw.numbers(whole)],
      };
    },
  },
];
