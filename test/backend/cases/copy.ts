/** Calls of kernels that move elements about, fill, or sum several tensors. */
import { tf } from '../../../src/tf.js';
import { booleans, CLOSE, integers, type KernelCase, normals, specials } from './inputs.js';

const makers = [normals, integers, booleans];

const TRANSPOSED: readonly (readonly [number[], number[]])[] = [
  [[], []],
  [[5], [0]],
  [
    [3, 4],
    [1, 0],
  ],
  [
    [3, 4],
    [0, 1],
  ],
  [
    [130, 70],
    [1, 0],
  ],
  [
    [700, 130],
    [1, 0],
  ],
  [
    [2, 3, 4],
    [2, 1, 0],
  ],
  [
    [2, 3, 4],
    [1, 0, 2],
  ],
  [
    [2, 30, 40],
    [0, 2, 1],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 0, 2],
  ],
  [
    [2, 3, 2, 3, 7],
    [4, 2, 0, 3, 1],
  ],
];

const TILED: readonly (readonly [number[], number[]])[] = [
  [[1], [5]],
  [[3], [4]],
  [
    [1, 7],
    [500, 1],
  ],
  [
    [500, 1],
    [1, 9],
  ],
  [
    [2, 3],
    [3, 2],
  ],
  [
    [2, 1, 3],
    [1, 4, 2],
  ],
  [
    [1, 2, 1, 2, 3],
    [2, 1, 3, 1, 2],
  ],
  [
    [1, 300],
    [300, 1],
  ],
];

const SLICED: readonly (readonly [number[], number[], number[]])[] = [
  [[9], [2], [4]],
  [
    [4, 6],
    [0, 2],
    [4, 3],
  ],
  [
    [4, 6],
    [1, 0],
    [2, 6],
  ],
  [
    [2, 3, 4],
    [0, 1, 1],
    [2, 2, 3],
  ],
  [
    [2, 3, 4],
    [1, 0, 3],
    [1, 3, 1],
  ],
  [
    [2, 3, 2, 3, 7],
    [0, 1, 0, 1, 2],
    [2, 2, 2, 1, 4],
  ],
  [
    [900, 130],
    [100, 20],
    [700, 100],
  ],
];

const SPLIT: readonly (readonly [number[], number[], number])[] = [
  [[9], [2, 3, 4], 0],
  [[4, 6], [1, 5], 1],
  [[4, 6], [1, 3], 0],
  [[2, 3, 4], [2, 1], 1],
  [[1, 3, 4], [2, 1], 1],
  [[900, 130], [100, 30], 1],
];

const CONCATENATED: readonly (readonly [number[][], number])[] = [
  [[[2], [3]], 0],
  [
    [
      [2, 3],
      [2, 4],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [4, 3],
      [1, 3],
    ],
    0,
  ],
  [
    [
      [2, 3, 4],
      [2, 1, 4],
    ],
    1,
  ],
  [
    [
      [2, 3],
      [2, 0],
      [2, 2],
    ],
    1,
  ],
  [
    [
      [700, 60],
      [700, 70],
    ],
    1,
  ],
];

const PADDED: readonly (readonly [number[], number[][]])[] = [
  [[3], [[1, 2]]],
  [
    [2, 3],
    [
      [0, 1],
      [2, 0],
    ],
  ],
  [
    [300, 200],
    [
      [1, 0],
      [3, 4],
    ],
  ],
  [
    [2, 3, 4],
    [
      [1, 1],
      [0, 0],
      [2, 3],
    ],
  ],
];

export const COPY: readonly KernelCase[] = makers.flatMap((make) => [
  ...TRANSPOSED.map(([shape, perm], i) => ({
    kernel: tf.Transpose,
    inputs: { x: make(shape, i) },
    attrs: { perm },
  })),
  ...TILED.map(([shape, reps], i) => ({ kernel: tf.Tile, inputs: { x: make(shape, i) }, attrs: { reps } })),
  ...SLICED.map(([shape, begin, size], i) => ({
    kernel: tf.Slice,
    inputs: { x: make(shape, i) },
    attrs: { begin, size },
  })),
  ...SPLIT.map(([shape, numOrSizeSplits, axis], i) => ({
    kernel: tf.SplitV,
    inputs: { x: make(shape, i) },
    attrs: { numOrSizeSplits, axis },
  })),
  ...CONCATENATED.map(([shapes, axis], i) => ({
    kernel: tf.Concat,
    inputs: shapes.map((shape, k) => make(shape, i + k)),
    attrs: { axis },
  })),
  ...PADDED.flatMap(([shape, paddings], i) =>
    [0, 1].map((constantValue) => ({
      kernel: tf.PadV2,
      inputs: { x: make(shape, i) },
      attrs: { paddings, constantValue },
    })),
  ),
  ...[[], [7], [2, 3], [2000]].flatMap((shape, i) =>
    [tf.ZerosLike, tf.OnesLike].map((kernel) => ({ kernel, inputs: { x: make(shape, i) }, attrs: {} })),
  ),
]);

export const OTHER: readonly KernelCase[] = [
  ...['float32', 'int32', 'bool'].flatMap((dtype) =>
    [[], [5], [3, 900]].map((shape) => ({ kernel: tf.Fill, inputs: {}, attrs: { shape, value: 1, dtype } })),
  ),
  ...[1, 2, 3, 4].map((count) => ({
    kernel: tf.AddN,
    inputs: Array.from({ length: count }, (_, i) => normals([700, 101], i)),
    attrs: {},
  })),
  { kernel: tf.AddN, inputs: [specials([39, 39], 'fast'), specials([39, 39], 'slow')], attrs: {}, ...CLOSE },
];
