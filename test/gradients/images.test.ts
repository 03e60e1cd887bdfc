import test from 'ava';
import { type Tensor, type Tensor4D, tf } from '../../src/tf.js';
import { type GradientCase, holdGradients, normals, spaced } from './law.js';
import { type Doubles, entry, filled } from './reference/arrays.js';
import { convolution, pooling, resized, transposedConvolution, type Windows } from './reference/images.js';

type Size = [number, number];
type Pair = (a: Tensor4D, b: Tensor4D) => Tensor;

/** Filters, strides, paddings and dilations; inputs are 5 by 4, so that windows end beside the image too. */
const WINDOWS: readonly (Windows & { readonly filter: Size })[] = [
  { filter: [1, 1], strides: [1, 1], pad: 'valid' },
  { filter: [3, 2], strides: [1, 1], pad: 'same' },
  { filter: [3, 3], strides: [2, 2], pad: 'same' },
  { filter: [2, 3], strides: [2, 1], pad: 'valid' },
  { filter: [3, 3], strides: [2, 2], pad: 1 },
  { filter: [2, 2], strides: [1, 1], pad: 'same', dilations: [2, 1] },
  { filter: [2, 2], strides: [1, 1], pad: 'valid', dilations: [3, 2] },
];

const title = (name: string, windows: unknown) => `${name} ${JSON.stringify(windows)}`;

test('convolutions', (t) => {
  for (const { filter, ...windows } of WINDOWS) {
    const { strides, pad, dilations = [1, 1] as Size } = windows;
    const op: Pair = (x, f) => tf.conv2d(x, f, strides, pad, 'NHWC', dilations);
    holdGradients(t, {
      name: title('conv2d', { filter, ...windows }),
      op: op as GradientCase['op'],
      reference: convolution(windows),
      inputs: [normals([2, 5, 4, 2]), normals([...filter, 2, 2])],
    });
  }
});

test('convolutions with a bias that tfjs fuses', (t) => {
  for (const dilations of [1, 2]) {
    const windows: Windows = { strides: [1, 1], pad: 'same', dilations: [dilations, dilations] };
    holdGradients(t, {
      name: title('fused.conv2d', windows),
      op: (x, filter, bias) =>
        tf.fused.conv2d({
          x: x as Tensor4D,
          filter: filter as Tensor4D,
          bias: bias as Tensor,
          strides: 1,
          pad: 'same',
          dilations,
        }),
      reference: (x, filter, bias) => {
        const y = convolution(windows)(x as Doubles, filter as Doubles);
        return filled(y.shape, (index) => entry(y, index) + entry(bias as Doubles, index));
      },
      inputs: [normals([1, 4, 3, 2]), normals([2, 2, 2, 2]), normals([2])],
    });
  }
});

test('depthwise convolutions', (t) => {
  for (const { filter, ...windows } of WINDOWS) {
    if (windows.dilations !== undefined) continue;
    // The two strides of a depthwise convolution are alike.
    const strides: Size = [windows.strides[0], windows.strides[0]];
    const op: Pair = (x, f) => tf.depthwiseConv2d(x, f, strides, windows.pad);
    holdGradients(t, {
      name: title('depthwiseConv2d', { filter, ...windows }),
      op: op as GradientCase['op'],
      reference: convolution({ ...windows, strides }, true),
      inputs: [normals([2, 5, 4, 2]), normals([...filter, 2, 2])],
    });
  }
});

test('transposed convolutions', (t) => {
  for (const { filter, ...windows } of WINDOWS) {
    if (windows.dilations !== undefined) continue;
    const { strides, pad } = windows;
    const shape: [number, number, number, number] = [2, 5, 4, 2];
    const dy = convolution(windows)(normals(shape), normals([...filter, 2, 3])).shape;
    const op: Pair = (x, f) => tf.conv2dTranspose(x, f, shape, strides, pad);
    holdGradients(t, {
      name: title('conv2dTranspose', { filter, ...windows }),
      op: op as GradientCase['op'],
      reference: transposedConvolution(shape, windows),
      inputs: [normals(dy), normals([...filter, 2, 3])],
    });
  }
});

test('averages and maxima over windows', (t) => {
  for (const { filter, ...windows } of WINDOWS) {
    if (windows.dilations !== undefined) continue;
    const { strides, pad } = windows;
    const inputs = [spaced([2, 5, 4, 2])];
    holdGradients(t, {
      name: title('avgPool', { filter, ...windows }),
      op: (x) => tf.avgPool(x as Tensor4D, filter, strides, pad),
      reference: pooling(filter, windows, (pixels) => pixels.reduce((a, b) => a + b) / pixels.length),
      inputs,
    });
    holdGradients(t, {
      name: title('maxPool', { filter, ...windows }),
      op: (x) => tf.maxPool(x as Tensor4D, filter, strides, pad),
      reference: pooling(filter, windows, (pixels) => Math.max(...pixels)),
      inputs,
    });
  }
});

test('equal maxima give their gradient once, to second order too', (t) => {
  tf.tidy(() => {
    const x = tf.ones([1, 3, 3, 1]);
    const squares = (at: Tensor): Tensor => tf.sum(tf.square(tf.maxPool(at as Tensor4D, 2, 1, 'valid')));
    const first = (at: Tensor): Tensor => tf.grad(squares)(at);
    const slope = tf.sum(first(x)).dataSync()[0] as number;
    t.is(slope, 2 * 4);
    // Each window of four pixels has one maximum, whose square has the second derivative 2.
    const second = tf.grad((at) => tf.sum(first(at)))(x);
    t.is(tf.sum(second).dataSync()[0], 2 * 4);
  });
});

test('resized images', (t) => {
  const sizes: readonly Size[] = [
    [7, 3],
    [3, 8],
    [4, 3],
    [1, 1],
  ];
  const ways = [
    [false, false],
    [true, false],
    [false, true],
  ] as const;
  for (const size of sizes) {
    for (const [alignCorners, halfPixelCenters] of ways) {
      for (const kind of ['bilinear', 'nearest'] as const) {
        const resize = kind === 'bilinear' ? tf.image.resizeBilinear : tf.image.resizeNearestNeighbor;
        const way = { kind, alignCorners, halfPixelCenters };
        holdGradients(t, {
          name: title(`resize to ${size}`, way),
          op: (x) => resize(x as Tensor4D, size, alignCorners, halfPixelCenters),
          reference: resized(size, way),
          inputs: [normals([2, 4, 3, 2])],
        });
      }
    }
  }
});

test('batch normalisation, whichever of its inputs are given', (t) => {
  const EPSILON = 0.1;
  for (const shape of [
    [5, 2],
    [2, 2, 2, 2],
  ]) {
    for (const [hasOffset, hasScale] of [
      [true, true],
      [false, true],
      [true, false],
      [false, false],
    ]) {
      const inputs = [normals(shape), normals([2]), spaced([2], 0.5, 1.5)];
      if (hasOffset) inputs.push(normals([2]));
      if (hasScale) inputs.push(normals([2]));
      holdGradients(t, {
        name: `batchNorm [${shape}], ${inputs.length} inputs`,
        op: (x, mean, variance, ...rest) => {
          const [offset, scale] = hasOffset ? rest : [undefined, ...rest];
          return tf.batchNorm(
            x as Tensor,
            mean as tf.Tensor1D,
            variance as tf.Tensor1D,
            offset as tf.Tensor1D,
            scale as tf.Tensor1D,
            EPSILON,
          );
        },
        reference: (x, mean, variance, ...rest) => {
          const [offset, scale] = hasOffset ? rest : [undefined, ...rest];
          return filled(shape, (index) => {
            const [centre, spread] = [entry(mean as Doubles, index), entry(variance as Doubles, index)];
            const normal = (entry(x as Doubles, index) - centre) / Math.sqrt(spread + EPSILON);
            const shift = offset === undefined ? 0 : entry(offset, index);
            return normal * (scale === undefined ? 1 : entry(scale, index)) + shift;
          });
        },
        inputs,
      });
    }
  }
});
