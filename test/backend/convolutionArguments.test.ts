import { nativeTest, type TestedAddon } from '../native/support.js';
import { type BadCall, floats, holdRefusals, layout, wrong } from './refusals.js';

/** A right convolution of two images of 3 x 2 pixels but for what is given. */
function convolution(addon: TestedAddon, given: Partial<Record<string, unknown>>): void {
  const { image, filter, bias, slopes, out, geometry, alpha } = {
    image: floats(12),
    filter: floats(20),
    bias: floats(5),
    slopes: null,
    out: floats(40),
    geometry: layout(2, 1, 5, 3, 2, 2, 1, 1, 0, 2, 2, 2, 1, 1, 0),
    alpha: 0,
    ...given,
  };
  addon.tensorConvolution.relu(
    wrong(image),
    wrong(filter),
    wrong(bias),
    wrong(slopes),
    wrong(out),
    wrong(geometry),
    wrong(alpha),
  );
}

/** Changes of one number of the geometry. */
function geometryWith(index: number, value: number): Int32Array {
  const geometry = layout(2, 1, 5, 3, 2, 2, 1, 1, 0, 2, 2, 2, 1, 1, 0);
  geometry[index] = value;
  return geometry;
}

/** Forty numbers, parts of which other arguments share. */
const results = floats(40);

const CALLS: readonly BadCall[] = [
  [/tensorConvolution: alpha must be a number/, (a) => convolution(a, { alpha: '1' })],
  [/tensorConvolution: geometry must be an Int32Array/, (a) => convolution(a, { geometry: floats(15) })],
  [/geometry must have 15 elements, but has 14/, (a) => convolution(a, { geometry: new Int32Array(14) })],
  [/geometry must hold sizes of 1 or more/, (a) => convolution(a, { geometry: geometryWith(0, 0) })],
  [/geometry must hold sizes of 1 or more/, (a) => convolution(a, { geometry: geometryWith(6, 0) })],
  [/geometry must hold sizes of 1 or more/, (a) => convolution(a, { geometry: geometryWith(14, -1) })],
  [
    /geometry has outputs far beyond the inputs/,
    (a) => convolution(a, { geometry: geometryWith(6, 1 << 30) }),
  ],
  [/tensorConvolution: x must be a Float32Array/, (a) => convolution(a, { image: new Int32Array(12) })],
  [/tensorConvolution: x must have 24 elements/, (a) => convolution(a, { geometry: geometryWith(0, 4) })],
  [/tensorConvolution: filter must have 20 elements/, (a) => convolution(a, { filter: floats(10) })],
  [/tensorConvolution: out must have 40 elements/, (a) => convolution(a, { out: floats(60) })],
  [/tensorConvolution: bias must have 5 elements/, (a) => convolution(a, { bias: floats(1) })],
  [/tensorConvolution: slopes must be a Float32Array/, (a) => convolution(a, { slopes: [1] })],
  [/tensorConvolution: slopes must have 5 elements/, (a) => convolution(a, { slopes: floats(4) })],
  [/tensorConvolution: out overlaps x/, (a) => convolution(a, { image: results.subarray(28), out: results })],
  [
    /tensorConvolution: out overlaps filter/,
    (a) => convolution(a, { filter: results.subarray(20), out: results }),
  ],
  [
    /tensorConvolution: out overlaps bias/,
    (a) => convolution(a, { bias: results.subarray(35), out: results }),
  ],
  [
    /tensorConvolutionInput: dy must have 40 elements/,
    (a) => a.tensorConvolutionInput(floats(12), floats(20), floats(12), geometryWith(0, 2)),
  ],
  [
    /tensorConvolutionInput: out overlaps dy/,
    (a) => a.tensorConvolutionInput(results, floats(20), results.subarray(4, 16), geometryWith(0, 2)),
  ],
  [
    /tensorConvolutionFilter: out must have 20 elements/,
    (a) => a.tensorConvolutionFilter(floats(12), floats(40), floats(12), geometryWith(0, 2)),
  ],
  [
    /tensorConvolutionFilter: out overlaps dy/,
    (a) => a.tensorConvolutionFilter(floats(12), results, results.subarray(20), geometryWith(0, 2)),
  ],
  [
    /tensorDepthwiseInput: geometry must have a multiple of the in channels/,
    (a) => {
      const geometry = geometryWith(1, 2);
      a.tensorDepthwiseInput(floats(40), floats(20), floats(24), geometry);
    },
  ],
  [
    /tensorDepthwiseFilter: out must have 20 elements/,
    (a) => a.tensorDepthwiseFilter(floats(12), floats(40), floats(12), geometryWith(0, 2)),
  ],
];

nativeTest(
  'a bad call of a convolution throws a TypeError that names the call and the argument',
  (t, addon) => {
    t.notThrows(() => convolution(addon, {}));
    holdRefusals(t, addon, CALLS);
  },
);
