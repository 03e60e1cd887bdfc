import { tf } from '../../tf.js';
import { floatOperand, type KernelCall, type KernelReplacement, type Operand } from '../kernel.js';
import { aligned, copyLayout, rowMajorSteps } from '../layout.js';
import { layPatches } from '../patches.js';

type Convolution = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

/** Floats of patches at a time: they are written and read back while they are in the caches. */
const PATCH_FLOATS = 1 << 19;

/** The geometry of a call that the tfjs op has checked; null where channels come first. */
function geometry({ attrs }: KernelCall, x: number[], filter: number[]): Convolution | null {
  if (attrs.dataFormat !== 'NHWC') return null;
  return tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    attrs.strides as number | [number, number],
    (attrs.dilations ?? 1) as number | [number, number],
    attrs.pad as 'same' | 'valid' | number,
    attrs.dimRoundingMode as 'floor' | 'round' | 'ceil' | undefined,
  );
}

/** tfjs also takes gradients of outputs of another size, of which it reads a part. */
function isOutputOf(info: Convolution, { shape }: Operand): boolean {
  return tf.util.arraysEqual(info.outShape, shape);
}

/** What a product of patches is given: some images' patches [pixels, patch], and where the images start. */
interface Chunk {
  readonly patches: Float32Array;
  readonly pixels: number;
  readonly first: number;
  readonly images: number;
}

/** Calls `work` with the patches of some images after the other. */
function forPatches(
  { backend, native }: KernelCall,
  info: Convolution,
  of: 'inputs' | 'outputs',
  { values, shape }: Operand<Float32Array>,
  work: (chunk: Chunk) => void,
): void {
  const [count, height, width, channels] = shape as Shape4D;
  const pixels = of === 'outputs' ? info.outHeight * info.outWidth : info.inHeight * info.inWidth;
  const patch = info.filterHeight * info.filterWidth * channels;
  const most = Math.min(count, Math.max(1, Math.floor(PATCH_FLOATS / (pixels * patch))));
  const patches = backend.allocate('float32', most * pixels * patch);
  // What lies outside of the images stays zero: every chunk writes the same places.
  patches.fill(0);
  for (let first = 0; first < count; first += most) {
    const images = Math.min(most, count - first);
    const from = values.subarray(first * height * width * channels);
    layPatches(native, info, of, from, images, channels, patches);
    work({ patches, pixels: images * pixels, first, images });
  }
  backend.release(patches);
}

/** out [pixels, columns] of each chunk = patches · weights [patch, columns]. */
function patchesTimes(
  call: KernelCall,
  info: Convolution,
  of: 'inputs' | 'outputs',
  images: Operand<Float32Array>,
  weights: Float32Array,
  shape: Shape4D,
): tf.TensorInfo {
  const { backend, native } = call;
  const out = backend.allocate('float32', tf.util.sizeFromShape(shape));
  const columns = shape[3];
  const inner = weights.length / columns;
  const image = out.length / shape[0];
  forPatches(call, info, of, images, ({ patches, pixels, first, images: count }) => {
    const part = out.subarray(first * image, (first + count) * image);
    native.tensorMatMul.linear(
      patches,
      weights,
      null,
      part,
      pixels,
      columns,
      inner,
      false,
      false,
      aligned(1),
      0,
    );
  });
  return backend.adopt(out, shape, 'float32');
}

const conv2D: KernelReplacement = {
  kernelName: tf.Conv2D,
  run: (call) => {
    const x = floatOperand(call, call.inputs.x);
    const filter = floatOperand(call, call.inputs.filter);
    if (x === null || filter === null) return null;
    const info = geometry(call, x.shape, filter.shape);
    if (info === null || tf.util.sizeFromShape(info.outShape) === 0) return null;
    return patchesTimes(call, info, 'outputs', x, filter.values, info.outShape);
  },
};

const conv2DBackpropInput: KernelReplacement = {
  kernelName: tf.Conv2DBackpropInput,
  run: (call) => {
    const { backend, native, inputs, attrs } = call;
    const dy = floatOperand(call, inputs.dy);
    const filter = floatOperand(call, inputs.filter);
    if (dy === null || filter === null) return null;
    const info = geometry(call, attrs.inputShape as number[], filter.shape);
    if (info === null || !isOutputOf(info, dy)) return null;
    // [taps, in, out] to [taps, out, in], as the patches of dy lie.
    const [, , inChannels, outChannels] = filter.shape as Shape4D;
    const taps = info.filterHeight * info.filterWidth;
    const weights = backend.allocate('float32', filter.values.length);
    const turned = rowMajorSteps([taps, outChannels, inChannels]) as [number, number, number];
    const layout = copyLayout(
      [taps, inChannels, outChannels],
      rowMajorSteps([taps, inChannels, outChannels]),
      [turned[0], turned[2], turned[1]],
    );
    if (layout !== null) native.tensorCopy(filter.values, 0, weights, 0, layout);
    const dx = patchesTimes(call, info, 'inputs', dy, weights, info.inShape);
    backend.release(weights);
    return dx;
  },
};

const conv2DBackpropFilter: KernelReplacement = {
  kernelName: tf.Conv2DBackpropFilter,
  run: (call) => {
    const { backend, native, inputs, attrs } = call;
    const x = floatOperand(call, inputs.x);
    const dy = floatOperand(call, inputs.dy);
    if (x === null || dy === null) return null;
    const info = geometry(call, x.shape, attrs.filterShape as number[]);
    if (info === null || !isOutputOf(info, dy)) return null;
    const columns = info.outChannels;
    const rows = tf.util.sizeFromShape(info.filterShape) / columns;
    const image = dy.values.length / info.batchSize;
    let total: Float32Array | null = null;
    // Chunks and their sum go in the order of the images, so the bits do not depend on threads.
    forPatches(call, info, 'outputs', x, ({ patches, pixels, first }) => {
      const part = backend.allocate('float32', rows * columns);
      const cotangents = dy.values.subarray(first * image);
      native.tensorMatMul.linear(
        patches,
        cotangents,
        null,
        part,
        rows,
        columns,
        pixels,
        true,
        false,
        aligned(1),
        0,
      );
      if (total === null) {
        total = part;
        return;
      }
      const sum = backend.allocate('float32', rows * columns);
      native.tensorBinary.add(total, part, sum, aligned(sum.length));
      backend.release(total);
      backend.release(part);
      total = sum;
    });
    return total === null ? null : backend.adopt(total, info.filterShape, 'float32');
  },
};

/** Convolutions of images with the channels last, as matrix products of patches. */
export const convolutionKernels: readonly KernelReplacement[] = [
  conv2D,
  conv2DBackpropInput,
  conv2DBackpropFilter,
];
