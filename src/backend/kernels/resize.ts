import { tf } from '../../tf.js';
import { converting, floatOperand, type KernelReplacement } from '../kernel.js';

type Shape4D = [number, number, number, number];

function resize(kernelName: string, bilinear: boolean): KernelReplacement {
  return {
    kernelName,
    run: (call) => {
      const images = floatOperand(call, call.inputs.images);
      if (images === null) return null;
      const [batch, height, width, channels] = images.shape as Shape4D;
      const [newHeight, newWidth] = call.attrs.size as [number, number];
      const shape = [batch, newHeight, newWidth, channels];
      const size = tf.util.sizeFromShape(shape);
      if (size === 0) return null;
      const out = call.backend.allocate('float32', size);
      call.native.tensorResize.resize(
        images.values,
        out,
        Int32Array.of(batch, height, width, channels, newHeight, newWidth),
        bilinear,
        call.attrs.alignCorners === true,
        call.attrs.halfPixelCenters === true,
      );
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
      const [batch, height, width, channels] = images.shape as Shape4D;
      const [, newHeight, newWidth] = dy.shape as Shape4D;
      const out = call.backend.allocate('float32', batch * height * width * channels);
      call.native.tensorResize.gradient(
        dy.values,
        out,
        Int32Array.of(batch, height, width, channels, newHeight, newWidth),
        bilinear,
        call.attrs.alignCorners === true,
        false,
      );
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
