import { type Tensor, type Tensor4D, tf } from '../tfjs.js';
import { changeGradient, noGradient, run, setGradient } from './register.js';

type Pooling = tf.backend_util.Conv2DInfo;

/** What a pooling op tells its kernels. */
interface PoolingAttrs {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Averages and maxima over windows of pixels have gradients of every order. */
export function registerPoolingGradients(): void {
  changeGradient(tf.AvgPool, (gradient) => (dy, saved, attrs) => {
    // tfjs' own tests want the kernel's answer for paddings side by side.
    if (Array.isArray(attrs.pad)) return gradient(dy, saved, attrs);
    const [x] = saved as [Tensor4D];
    return { x: () => spreadAverages(dy, poolingOf(x.shape, attrs)) };
  });
  setGradient(tf.AvgPoolGrad, ['input'], (ddx, saved, attrs) => {
    const [input] = saved as [Tensor4D];
    return { dy: () => averagesOverWindows(ddx, input.shape, attrs), input: noGradient(input) };
  });
  replaceMaxPoolGradient();
  setGradient(tf.MaxPoolGrad, ['input', 'output'], (ddx, saved, attrs) => {
    const [input, output] = saved as [Tensor4D, Tensor4D];
    return {
      dy: () => pickMaxima(ddx, input, output, attrs),
      input: noGradient(input),
      output: noGradient(output),
    };
  });
}

/** tfjs drops the rounding of sizes from the attributes. */
function replaceMaxPoolGradient(): void {
  tf.unregisterGradient(tf.MaxPool);
  tf.registerGradient({
    kernelName: tf.MaxPool,
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => {
      const [input, output] = saved as [Tensor, Tensor];
      return { x: () => run(tf.MaxPoolGrad, { dy: dy as Tensor, input, output }, attrs) };
    },
  });
}

function poolingOf(shape: Tensor4D['shape'], attrs: tf.NamedAttrMap): Pooling {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolingAttrs;
  return tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
}

/**
 * The gradient of the averages. An average is over what a window has of the image, but the kernel of the
 * gradient in the CPU backend divides by the size of the window; so it is given windows that lie inside
 * of the image, padded for it, and gradients that are divided as the averages were.
 */
function spreadAverages(dy: Tensor, pooling: Pooling): Tensor {
  const { batchSize, inHeight, inWidth, inChannels, padInfo } = pooling;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = pooling;
  const bottom = (pooling.outHeight - 1) * strideHeight + filterHeight;
  const right = (pooling.outWidth - 1) * strideWidth + filterWidth;
  const height = Math.max(bottom, padInfo.top + inHeight);
  const width = Math.max(right, padInfo.left + inWidth);
  const attrs = {
    filterSize: [filterHeight, filterWidth],
    strides: [strideHeight, strideWidth],
    pad: 'valid',
  };
  const isPadded = height > inHeight || width > inWidth;
  const shares = isPadded ? tf.mul(dy, tf.div(filterHeight * filterWidth, windowSizes(pooling))) : dy;
  const input = tf.zeros([batchSize, height, width, inChannels]);
  const dx = run(tf.AvgPoolGrad, { dy: shares, input }, attrs);
  if (!isPadded) return dx;
  return tf.slice(dx, [0, padInfo.top, padInfo.left, 0], [batchSize, inHeight, inWidth, inChannels]);
}

/** The transpose of AvgPoolGrad: sums divided by the size of the window, which is what they are sums over or more. */
function averagesOverWindows(x: Tensor, shape: Tensor4D['shape'], attrs: tf.NamedAttrMap): Tensor {
  const averages = run(tf.AvgPool, { x }, attrs);
  if (!Array.isArray(attrs.pad)) return averages;
  const pooling = poolingOf(shape, attrs);
  return tf.mul(averages, tf.div(windowSizes(pooling), pooling.filterHeight * pooling.filterWidth));
}

/** For each window [1, height, width, 1] the number of its pixels that are in the image. */
function windowSizes(pooling: Pooling): Tensor {
  const { padInfo } = pooling;
  const rows = overlaps(
    pooling.outHeight,
    pooling.strideHeight,
    padInfo.top,
    pooling.filterHeight,
    pooling.inHeight,
  );
  const columns = overlaps(
    pooling.outWidth,
    pooling.strideWidth,
    padInfo.left,
    pooling.filterWidth,
    pooling.inWidth,
  );
  return tf.reshape(tf.outerProduct(tf.tensor1d(rows), tf.tensor1d(columns)), [
    1,
    rows.length,
    columns.length,
    1,
  ]);
}

function overlaps(count: number, stride: number, before: number, length: number, size: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const start = i * stride - before;
    return Math.min(size, start + length) - Math.max(0, start);
  });
}

/**
 * For each window the value of `values` where `input` has its maximum: the transpose of MaxPoolGrad, and
 * made of it, because that kernel alone knows which of equal maxima it takes. Given ones for windows
 * that do not overlap, it marks the maximum of each; overlapping windows take several turns.
 */
function pickMaxima(values: Tensor, input: Tensor4D, output: Tensor4D, attrs: tf.NamedAttrMap): Tensor {
  const pooling = poolingOf(input.shape, attrs);
  const { outHeight, outWidth, strideHeight, strideWidth } = pooling;
  const rowTurns = Math.ceil(pooling.filterHeight / strideHeight);
  const columnTurns = Math.ceil(pooling.filterWidth / strideWidth);
  const sizes = windowSizes(pooling);
  const picked: Tensor[] = [];
  for (let row = 0; row < rowTurns; row++) {
    for (let column = 0; column < columnTurns; column++) {
      const turn = tf.outerProduct(
        everyOther(outHeight, row, rowTurns),
        everyOther(outWidth, column, columnTurns),
      );
      const windows = tf.reshape(turn, [1, outHeight, outWidth, 1]);
      const marks = run(tf.MaxPoolGrad, { dy: tf.mul(tf.onesLike(output), windows), input, output }, attrs);
      const averages = run(tf.AvgPool, { x: tf.mul(values, marks) }, attrs);
      picked.push(tf.mul(averages, tf.mul(sizes, windows)));
    }
  }
  return tf.addN(picked);
}

/** Ones at `first`, `first` + `step` and so on among zeros. */
function everyOther(length: number, first: number, step: number): tf.Tensor1D {
  return tf.tensor1d(Array.from({ length }, (_, i) => (i % step === first ? 1 : 0)));
}
