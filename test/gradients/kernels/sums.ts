/** Kernels that sum along axes: reductions, softmax and matrix products. */
import { type Tensor, type Tensor2D, tf } from '../../../src/tf.js';
import { type Doubles, entry, filled, map, matrixProduct, sigmoid, sumOver } from '../reference/arrays.js';
import { clearOf, type KernelEntry } from './draw.js';

function reduction(
  kernel: string,
  op: (x: Tensor, axes: number[], keepDims: boolean) => Tensor,
  isMean: boolean,
): KernelEntry {
  return {
    kernel,
    draw: (draw) => {
      const shape = draw.shape(1, 4);
      const axes = draw.order(shape.length).slice(0, draw.int(1, shape.length));
      const keepDims = draw.pick([false, true]);
      const inner = axes.map((axis) => shape[axis] as number);
      const divisor = isMean ? tf.util.sizeFromShape(inner) : 1;
      const kept = shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
      const reference = (x: Doubles): Doubles => {
        const sums = filled(
          kept,
          (index) =>
            sumOver(inner, (at) => {
              const place = index.map((i, axis) =>
                axes.includes(axis) ? (at[axes.indexOf(axis)] as number) : i,
              );
              return entry(x, place);
            }) / divisor,
        );
        return keepDims ? sums : { ...sums, shape: shape.filter((_, axis) => !axes.includes(axis)) };
      };
      return {
        op: (x) => op(x as Tensor, axes, keepDims),
        reference: (x) => reference(x as Doubles),
        inputs: [draw.numbers(shape)],
      };
    },
  };
}

const softmax: KernelEntry = {
  kernel: tf.Softmax,
  draw: (draw) => {
    const shape = draw.shape(1, 3, 4);
    const width = shape.at(-1) as number;
    return {
      op: (x) => tf.softmax(x as Tensor),
      reference: (x) =>
        filled(shape, (index) => {
          const own = entry(x as Doubles, index);
          const total = sumOver([width], ([j]) =>
            Math.exp(entry(x as Doubles, index.with(-1, j as number)) - own),
          );
          return 1 / total;
        }),
      inputs: [draw.numbers(shape)],
    };
  },
};

const batchMatMul: KernelEntry = {
  kernel: tf.BatchMatMul,
  draw: (draw) => {
    const [n, k, m] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
    const [left, right] = [draw.pick([false, true]), draw.pick([false, true])];
    const [a, b] = draw.pick([
      [[], []],
      [[2], [2]],
      [[1], [2]],
      [[2, 2], [2]],
    ]) as [number[], number[]];
    return {
      op: (x, y) => tf.matMul(x as Tensor, y as Tensor, left, right),
      reference: matrixProduct(left, right),
      inputs: [
        draw.numbers([...a, ...(left ? [k, n] : [n, k])]),
        draw.numbers([...b, ...(right ? [m, k] : [k, m])]),
      ],
    };
  },
};

/** What tfjs fuses with a product or a convolution. */
export const ACTIVATIONS = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(0, x),
  elu: (x: number) => (x < 0 ? Math.expm1(x) : x),
  sigmoid,
} as const;

export const ACTIVATION_NAMES = Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[];

/** With a bias for each number of the last axis. */
export function biased(y: Doubles, bias: Doubles): Doubles {
  return filled(y.shape, (index) => entry(y, index) + entry(bias, index.slice(-1)));
}

const fusedMatMul: KernelEntry = {
  kernel: tf._FusedMatMul,
  draw: (draw) => {
    const [n, k, m] = [draw.int(1, 4), draw.int(1, 3), draw.int(1, 3)];
    const activation = draw.pick(ACTIVATION_NAMES);
    const before = ([a, b, bias]: readonly Doubles[]): Doubles =>
      biased(matrixProduct(false, false)(a as Doubles, b as Doubles), bias as Doubles);
    return {
      op: (a, b, bias) =>
        tf.fused.matMul({ a: a as Tensor2D, b: b as Tensor2D, bias: bias as Tensor, activation }),
      reference: (...inputs) => map(ACTIVATIONS[activation])(before(inputs)),
      inputs: clearOf(() => [[n, k], [k, m], [m]].map((shape) => draw.numbers(shape)), before),
    };
  },
};

export const SUMS: readonly KernelEntry[] = [
  reduction(tf.Sum, tf.sum, false),
  reduction(tf.Mean, tf.mean, true),
  softmax,
  batchMatMul,
  fusedMatMul,
];
