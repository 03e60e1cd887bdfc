import { nativeTest } from '../native/support.js';
import { type BadCall, floats, holdRefusals, layout, wrong } from './refusals.js';

const x = floats(4);
const square = floats(8);

/** Sizes of one window that takes all of an image of 2 by 2 pixels, but for what is given. */
function windows({ size = 2, stride = 1 }: { size?: number; stride?: number } = {}): Int32Array {
  return layout(1, size, size, 1, 1, 1, 2, 2, stride, stride);
}

const CALLS: readonly BadCall[] = [
  [/max: sizes must be an Int32Array/, (a) => a.tensorPool.max(x, floats(1), wrong(floats(10)), 0, 0)],
  [
    /max: sizes must have 10 elements, but has 4/,
    (a) => a.tensorPool.max(x, floats(1), layout(1, 4, 1, 1), 0, 0),
  ],
  [
    /average: sizes must hold integers, 1 or more/,
    (a) => a.tensorPool.average(x, floats(1), windows({ stride: 0 }), 0, 0),
  ],
  [/max: top must be an integer, 0 or more/, (a) => a.tensorPool.max(x, floats(1), windows(), -1, 0)],
  [/max: x must have 4 elements/, (a) => a.tensorPool.max(floats(5), floats(1), windows(), 0, 0)],
  [/max: out must have 1 elements/, (a) => a.tensorPool.max(x, floats(4), windows(), 0, 0)],
  [
    /averageGradient: x must have 1 elements/,
    (a) => a.tensorPool.averageGradient(x, floats(4), windows(), 0, 0),
  ],
  [
    /max: x is larger than any tensor/,
    (a) => a.tensorPool.max(x, floats(1), windows({ size: 2 ** 30 }), 0, 0),
  ],
  [/average: out overlaps x/, (a) => a.tensorPool.average(x, x.subarray(3), windows(), 0, 0)],
  [
    /tensorMaxPoolGradient: dy must have 1 elements/,
    (a) => a.tensorMaxPoolGradient(x, floats(2), floats(4), windows(), 0, 0),
  ],
  [
    /tensorMaxPoolGradient: out overlaps dy/,
    (a) => a.tensorMaxPoolGradient(x, square.subarray(4, 5), square.subarray(1, 5), windows(), 0, 0),
  ],
  [
    /resize: bilinear must be true or false/,
    (a) => a.tensorResize.resize(x, floats(4), layout(1, 2, 2, 1, 2, 2), wrong(1), false, false),
  ],
  [
    /resize: out must have 6 elements/,
    (a) => a.tensorResize.resize(x, floats(4), layout(1, 2, 2, 1, 3, 2), true, false, false),
  ],
  [
    /gradient: x must have 6 elements/,
    (a) => a.tensorResize.gradient(x, floats(4), layout(1, 2, 2, 1, 3, 2), true, false, false),
  ],
  [
    /tensorNormalise: variance must have 2 elements, but has 1/,
    (a) => a.tensorNormalise(x, floats(2), floats(1), null, null, floats(4), 0.1),
  ],
  [
    /tensorNormalise: scale must have 2 elements, but has 4/,
    (a) => a.tensorNormalise(x, floats(2), floats(2), floats(2), floats(4), floats(4), 0.1),
  ],
  [
    /tensorNormalise: out overlaps offset/,
    (a) => a.tensorNormalise(x, floats(2), floats(2), square.subarray(0, 2), null, square.subarray(0, 4), 1),
  ],
  [
    /tensorGather: indices lead out of x/,
    (a) => a.tensorGather(x, layout(0, 4), floats(2), layout(1, 1, 4, 2, 1)),
  ],
  [
    /tensorGather: indices lead out of x/,
    (a) => a.tensorGather(x, layout(-1, 3), floats(2), layout(1, 1, 4, 2, 1)),
  ],
  [
    /tensorGather: out must be an array of the type of x/,
    (a) => a.tensorGather<Float32Array | Int32Array>(x, layout(1), new Int32Array(1), layout(1, 1, 4, 1, 1)),
  ],
  [
    /tensorGather: x must have 8 elements/,
    (a) => a.tensorGather(x, layout(1), floats(2), layout(1, 1, 4, 1, 2)),
  ],
  [/tensorSegmentSum: x must have 6 elements/, (a) => a.tensorSegmentSum(x, layout(0, 1, 0), floats(4), 2)],
  [/tensorSegmentSum: out must have 4 elements/, (a) => a.tensorSegmentSum(x, layout(0, 1), floats(5), 2)],
];

nativeTest(
  'a bad call for images or slices throws a TypeError that names it and the argument',
  (t, addon) => {
    holdRefusals(t, addon, CALLS);
  },
);
