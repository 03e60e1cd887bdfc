import { type Tensor, type Tensor4D, tf } from '../tfjs.js';
import { noGradient, run, setGradient } from './register.js';

/** A resizing kernel, that of its gradient, and the pixels that a place between pixels is made of. */
interface Resizing {
  readonly forward: string;
  readonly backward: string;
  /** Shares of pixels in the value at `centre`, in pixels from the middle of the first one, of `size`. */
  readonly shares: (centre: number, size: number) => readonly (readonly [pixel: number, share: number])[];
}

const RESIZINGS: readonly Resizing[] = [
  {
    forward: tf.ResizeBilinear,
    backward: tf.ResizeBilinearGrad,
    shares: (centre, size) => {
      const least = Math.floor(centre);
      return [
        [Math.max(0, least), least + 1 - centre],
        [Math.min(size - 1, least + 1), centre - least],
      ];
    },
  },
  {
    forward: tf.ResizeNearestNeighbor,
    backward: tf.ResizeNearestNeighborGrad,
    shares: (centre, size) => [[Math.min(size - 1, Math.floor(centre + 0.5)), 1]],
  },
];

/** Resized images have gradients of every order: resizing is linear, and its gradient the transpose. */
export function registerResizeGradients(): void {
  for (const resizing of RESIZINGS) {
    setGradient(resizing.forward, ['images'], (dy, saved, attrs) => {
      const [images] = saved as [Tensor4D];
      return {
        images: () =>
          // The kernels of the gradients do not know half-pixel centres.
          attrs.halfPixelCenters
            ? transpose(dy as Tensor4D, images.shape, resizing)
            : runAsOneImage(resizing.backward, dy as Tensor4D, images, attrs),
      };
    });
    setGradient(resizing.backward, ['images'], (ddx, saved, attrs) => {
      const [images] = saved as [Tensor4D];
      return {
        dy: () => run(resizing.forward, { images: tf.reshape(ddx, images.shape) }, attrs),
        images: noGradient(images),
      };
    });
  }
}

/** A backend whose kernels of the gradients are right for any images. */
const RIGHT = 'native';

/**
 * The kernel of a gradient, with all images as channels of one: the CPU backend's for nearest neighbours
 * looks for the second image of `dy` where that of `images` would be. Its bilinear one gives an image
 * that is not square the shape of its transpose.
 */
function runAsOneImage(kernel: string, dy: Tensor4D, images: Tensor4D, attrs: tf.NamedAttrMap): Tensor {
  const [batch, height, width, channels] = images.shape;
  if (batch === 1 || tf.getBackend() === RIGHT)
    return tf.reshape(run(kernel, { dy, images }, attrs), images.shape);
  const [, toHeight, toWidth] = dy.shape;
  const joined = tf.reshape(tf.transpose(dy, [1, 2, 0, 3]), [1, toHeight, toWidth, batch * channels]);
  // Its shape alone is read.
  const image = tf.reshape(images, [1, height, width, batch * channels]);
  const dx = tf.reshape(run(kernel, { dy: joined, images: image }, attrs), [height, width, batch, channels]);
  return tf.transpose(dx, [2, 0, 1, 3]);
}

/** The transpose of resizing images of `shape` with half-pixel centres, as products with its weights. */
function transpose(dy: Tensor4D, shape: Tensor4D['shape'], { shares }: Resizing): Tensor {
  const [batch, fromHeight, fromWidth, channels] = shape;
  const [, toHeight, toWidth] = dy.shape;
  const rows = tf.reshape(dy, [batch, toHeight, toWidth * channels]);
  const tall = tf.matMul(weights(fromHeight, toHeight, shares), rows, true);
  const columns = tf.reshape(tall, [batch * fromHeight, toWidth, channels]);
  return tf.reshape(tf.matMul(weights(fromWidth, toWidth, shares), columns, true), shape);
}

/** The weights [1, to, from] of resizing along one axis with half-pixel centres. */
function weights(from: number, to: number, shares: Resizing['shares']): tf.Tensor3D {
  const values = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    for (const [pixel, share] of shares(((i + 0.5) * from) / to - 0.5, from)) {
      const at = i * from + pixel;
      values[at] = (values[at] as number) + share;
    }
  }
  return tf.tensor3d(values, [1, to, from]);
}
