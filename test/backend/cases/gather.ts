/** Calls of kernels that pick, sum up, stack and turn around slices. */
import { tf } from '../../../src/tf.js';
import { booleans, type Input, integers, type KernelCase, normals } from './inputs.js';

const makers = [normals, integers, booleans];

/** Numbers from `least` to `most`, some of them several times and some never. */
function numbers(shape: number[], least: number, most: number): Input {
  const values = (normals(shape, 77).values as Float32Array).map((value) => Math.abs(value) * 1000);
  return {
    dtype: 'int32',
    shape,
    values: Int32Array.from(values, (v) => least + (Math.floor(v) % (most - least + 1))),
  };
}

const GATHERED: readonly (readonly [x: number[], indices: number[], axis: number, batchDims: number])[] = [
  [[5], [3], 0, 0],
  [[5], [], 0, 0],
  [[7, 3], [2, 4], 0, 0],
  [[4, 6, 2], [5], 1, 0],
  [[4, 6, 2], [3], 2, 0],
  [[2, 3, 4, 5], [2, 3], 2, 0],
  [[3, 6, 2], [3, 4], 1, 1],
  [[2, 3, 5, 4], [2, 3, 2], 2, 2],
  [[300, 40], [700], 0, 0],
  [[40, 900], [800], 1, 0],
];

const SUMMED: readonly (readonly [x: number[], segments: number])[] = [
  [[1], 1],
  [[9], 4],
  [[9, 3], 4],
  [[20, 2, 5], 7],
  [[300, 17], 5],
  [[50, 64], 200],
];

const STACKED: readonly (readonly [shape: number[], count: number, axes: number[]])[] = [
  [[], 3, [0]],
  [[4], 2, [0, 1, -1]],
  [[2, 3], 4, [0, 1, 2]],
  [[30, 40], 5, [0, 1, -2]],
];

const TURNED: readonly (readonly [shape: number[], dims: number[]])[] = [
  [[5], [0]],
  [[3, 4], [0]],
  [[3, 4], [1]],
  [
    [3, 4],
    [0, 1],
  ],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 3, 4, 5],
    [0, 1, 3],
  ],
  [[2, 1, 3], [-1]],
  [[30, 50, 20], [1]],
];

export const GATHER: readonly KernelCase[] = [
  ...makers.flatMap((make) => [
    ...GATHERED.map(([shape, indices, axis, batchDims], i) => ({
      kernel: tf.GatherV2,
      inputs: { x: make(shape, i), indices: numbers(indices, 0, (shape[axis] as number) - 1) },
      attrs: { axis, batchDims },
    })),
    ...STACKED.flatMap(([shape, count, axes], i) =>
      axes.flatMap((axis) => [
        {
          kernel: tf.Pack,
          inputs: Array.from({ length: count }, (_, k) => make(shape, i + k)),
          attrs: { axis },
        },
        { kernel: tf.Unpack, inputs: { value: make([...shape, count], i) }, attrs: { axis } },
      ]),
    ),
    ...TURNED.map(([shape, dims], i) => ({
      kernel: tf.Reverse,
      inputs: { x: make(shape, i) },
      attrs: { dims },
    })),
  ]),
  ...SUMMED.map(([shape, numSegments], i) => ({
    kernel: tf.UnsortedSegmentSum,
    // Those outside are left out.
    inputs: { x: normals(shape, i), segmentIds: numbers([shape[0] as number], -1, numSegments) },
    attrs: { numSegments },
    tolerance: { relative: 1e-6, absolute: 1e-6 },
  })),
];
