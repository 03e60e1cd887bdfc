import type { TensorKernels } from '../native/tensorKernels.js';
import type { tf } from '../tf.js';
import { copyLayout } from './layout.js';

type Convolution = tf.backend_util.Conv2DInfo;

/** The places along one axis at which one tap of the filter pairs an input with an output. */
interface Meeting {
  readonly input: number;
  readonly output: number;
  readonly count: number;
}

/** Output `o` meets input `o · stride + offset`, where there is such an input. */
function meeting(offset: number, stride: number, inputs: number, outputs: number): Meeting {
  const output = Math.max(0, Math.ceil(-offset / stride));
  const end = Math.min(outputs, Math.floor((inputs - 1 - offset) / stride) + 1);
  return { input: output * stride + offset, output, count: end - output };
}

/** One side of a convolution: the pixels that are read, or those that patches are laid out for. */
interface Side {
  readonly height: number;
  readonly width: number;
  /** Pixels from one meeting to the next. */
  readonly strideHeight: number;
  readonly strideWidth: number;
}

function sides(info: Convolution): { inputs: Side; outputs: Side } {
  const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth } = info;
  return {
    inputs: { height: inHeight, width: inWidth, strideHeight, strideWidth },
    outputs: { height: outHeight, width: outWidth, strideHeight: 1, strideWidth: 1 },
  };
}

/**
 * Patches [images, height, width, filter height, filter width, channels]: for each pixel of one side of
 * a convolution, what every tap of the filter pairs it with on the other side, whose images
 * [images, h, w, channels] are `from`. So a convolution, and either gradient of it, is a matrix product
 * of patches. Pairs outside of the image are not written: `patches` holds zeros there from the start.
 *
 * @param of the side that the patches are laid out for: `outputs` reads inputs, `inputs` outputs.
 */
export function layPatches(
  native: TensorKernels,
  info: Convolution,
  of: 'inputs' | 'outputs',
  from: Float32Array,
  images: number,
  channels: number,
  patches: Float32Array,
): void {
  const { inputs, outputs } = sides(info);
  const [source, target] = of === 'outputs' ? [inputs, outputs] : [outputs, inputs];
  const patch = info.filterHeight * info.filterWidth * channels;
  const steps = ({ height, width, strideHeight, strideWidth }: Side, pixel: number) => [
    height * width * pixel,
    strideHeight * width * pixel,
    strideWidth * pixel,
    1,
  ];
  const [sourceSteps, targetSteps] = [steps(source, channels), steps(target, patch)];
  const [first, second] = of === 'outputs' ? (['input', 'output'] as const) : (['output', 'input'] as const);
  for (let i = 0; i < info.filterHeight; i++) {
    const top = i * info.dilationHeight - info.padInfo.top;
    const rows = meeting(top, info.strideHeight, info.inHeight, info.outHeight);
    for (let j = 0; j < info.filterWidth; j++) {
      const left = j * info.dilationWidth - info.padInfo.left;
      const columns = meeting(left, info.strideWidth, info.inWidth, info.outWidth);
      if (rows.count <= 0 || columns.count <= 0) continue;
      const layout = copyLayout([images, rows.count, columns.count, channels], sourceSteps, targetSteps);
      if (layout === null) continue;
      const start = (rows[first] * source.width + columns[first]) * channels;
      const place = (rows[second] * target.width + columns[second]) * patch;
      native.tensorCopy(from, start, patches, place + (i * info.filterWidth + j) * channels, layout);
    }
  }
}
