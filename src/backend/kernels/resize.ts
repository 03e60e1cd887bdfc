import { tf } from '../../tf.js';
import { converting, floatOperand, type KernelReplacement } from '../kernel.js';

type Shape4D = [number, number, number, number];

/** Sizes as the native calls want them: images, and the new height and width. */
function sizesOf(
  [batch, height, width, channels]: Shape4D,
  [newHeight, newWidth]: readonly number[],
): Int32Array {
  return Int32Array.of(batch, height, width, channels, newHeight as number, newWidth as number);
}

function resize(kernelName: string, bilinear: boolean): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const images = floatOperand(call, call.inputs.images);
      if (images === null) return null;
      const { size, alignCorners, halfPixelCenters } = call.attrs;
      const [batch, , , channels] = images.shape as Shape4D;
      const shape = [batch, ...(size as [number, number]), channels];
      if (tf.util.sizeFromShape(shape) === 0) return null;
      const out = call.backend.allocate('float32', tf.util.sizeFromShape(shape));
      const sizes = sizesOf(images.shape as Shape4D, size as [number, number]);
      const flags = [bilinear, alignCorners === true, halfPixelCenters === true] as const;
      call.native.tensorResize.resize(images.values, out, sizes, ...flags);
      return call.backend.adopt(out, shape, 'float32');
    },
  };
}

/** Of `images` the shape alone is read. Like those of tfjs these know no half-pixel centres. */
function gradient(kernelName: string, bilinear: boolean): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const dy = floatOperand(call, call.inputs.dy);
      const images = call.inputs.images;
      if (dy === null || images === undefined) return null;
      const out = call.backend.allocate('float32', tf.util.sizeFromShape(images.shape));
      const sizes = sizesOf(images.shape as Shape4D, dy.shape.slice(1, 3));
      const flags = [bilinear, call.attrs.alignCorners === true, false] as const;
      call.native.tensorResize.gradient(dy.values, out, sizes, ...flags);
      return call.backend.adopt(out, images.shape, 'float32');
    },
  };
}

export const resizeKernels: readonly KernelReplacement[] = [
  // Whole numbers have others between them; the nearest one stays of its type.
  converting(resize(tf.ResizeBilinear, true), 'images'),
  resize(tf.ResizeNearestNeighbor, false),
  gradient(tf.ResizeBilinearGrad, true),
  gradient(tf.ResizeNearestNeighborGrad, false),
];
