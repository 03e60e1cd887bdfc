import { tf } from '../../tf.js';
import {
  channelsFirst,
  channelsLast,
  imageShape,
  paddingOf,
  padsOf,
  pairOf,
  roundingOf,
} from './channels.js';
import type { Conversion, Converters, Operand } from './conversion.js';

function pool(conversion: Conversion, operator: 'MaxPool' | 'AveragePool'): string {
  const { graph } = conversion;
  const x = conversion.input('x');
  const filterSize = pairOf(conversion, 'filterSize');
  const { padInfo, strideHeight, strideWidth } = tf.backend_util.computePool2DInfo(
    [1, ...imageShape(conversion, x)],
    filterSize,
    pairOf(conversion, 'strides'),
    1,
    paddingOf(conversion),
    roundingOf(conversion),
  );
  // Averages are over the pixels there are, as is ONNX's default.
  const pooled = graph.op(operator, [channelsFirst(graph, x.value)], {
    kernel_shape: filterSize,
    pads: padsOf(padInfo),
    strides: [strideHeight, strideWidth],
  });
  return channelsLast(graph, pooled);
}

function resize(conversion: Conversion, mode: 'nearest' | 'linear'): string {
  const { graph, result } = conversion;
  const images = conversion.input('images');
  const [batch, height, width, channels] = result.sizes;
  if (batch === undefined || height === undefined || width === undefined || channels === undefined) {
    return conversion.unsupported('its images have no four axes');
  }
  const aligned = conversion.boolean('alignCorners');
  const centred = conversion.boolean('halfPixelCenters');
  const sizes = graph.sizes([batch, channels, height, width]);
  const resized = graph.op('Resize', [channelsFirst(graph, images.value), '', '', sizes], {
    mode,
    coordinate_transformation_mode: aligned ? 'align_corners' : centred ? 'half_pixel' : 'asymmetric',
    ...(mode === 'nearest' ? { nearest_mode: aligned || centred ? 'round_prefer_ceil' : 'floor' } : {}),
  });
  return channelsLast(graph, resized);
}

/** (x − mean) / √(variance + ε) · scale + offset; of images with vectors for channels by ONNX's own operator. */
function batchNormalisation(conversion: Conversion): string {
  const { graph } = conversion;
  const x = conversion.input('x');
  const epsilon = conversion.number('varianceEpsilon');
  const parts = ['mean', 'variance', 'scale', 'offset'].map((name) => conversion.inputs.get(name));
  const [mean, variance, scale, offset] = parts as [Operand, Operand, Operand?, Operand?];
  if (parts.every((part) => part === undefined || part.sizes.length === 1) && x.sizes.length === 4) {
    const channels = conversion.fixedSize(x, 3);
    const all = (value: number) => graph.vector('float32', new Array<number>(channels).fill(value));
    const normalised = graph.op(
      'BatchNormalization',
      [
        channelsFirst(graph, x.value),
        scale?.value ?? all(1),
        offset?.value ?? all(0),
        mean.value,
        variance.value,
      ],
      { epsilon: { float: epsilon } },
    );
    return channelsLast(graph, normalised);
  }
  const spread = graph.op('Sqrt', [graph.op('Add', [variance.value, graph.scalar('float32', epsilon)])]);
  const unit = graph.op('Div', [graph.op('Sub', [x.value, mean.value]), spread]);
  const scaled = scale === undefined ? unit : graph.op('Mul', [unit, scale.value]);
  return offset === undefined ? scaled : graph.op('Add', [scaled, offset.value]);
}

export const imageKernels: Converters = {
  MaxPool: (conversion) => pool(conversion, 'MaxPool'),
  AvgPool: (conversion) => pool(conversion, 'AveragePool'),
  ResizeNearestNeighbor: (conversion) => resize(conversion, 'nearest'),
  ResizeBilinear: (conversion) => resize(conversion, 'linear'),
  FusedBatchNorm: batchNormalisation,
};
