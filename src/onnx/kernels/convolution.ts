import { tf } from '../../tf.js';
import { activation } from './activations.js';
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

type FilterShape = [number, number, number, number];

/** The geometry of a convolution of images of this shape. */
function geometry(
  conversion: Conversion,
  shape: [number, number, number],
  filter: Operand,
  depthwise = false,
) {
  const { dataFormat = 'NHWC', dilations = 1 } = conversion.attributes;
  if (dataFormat !== 'NHWC') conversion.unsupported('its channels do not come last');
  return tf.backend_util.computeConv2DInfo(
    [1, ...shape],
    filter.sizes.map((_, axis) => conversion.fixedSize(filter, axis)) as FilterShape,
    pairOf(conversion, 'strides'),
    dilations === null || dilations === 1 ? 1 : pairOf(conversion, 'dilations'),
    paddingOf(conversion),
    roundingOf(conversion),
    depthwise,
  );
}

/** A convolution of images, channels first in the result, by a filter [height, width, in, out]. */
function convolved(conversion: Conversion, bias: readonly string[] = []): string {
  const { graph } = conversion;
  const filter = conversion.input('filter');
  const x = conversion.input('x');
  const info = geometry(conversion, imageShape(conversion, x), filter);
  const weights = graph.op('Transpose', [filter.value], { perm: [3, 2, 0, 1] });
  return graph.op('Conv', [channelsFirst(graph, x.value), weights, ...bias], {
    pads: padsOf(info.padInfo),
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
  });
}

/** The same by a filter [height, width, in, multiples] that is one for each channel. */
function depthwiseConvolved(conversion: Conversion, bias: readonly string[] = []): string {
  const { graph } = conversion;
  const filter = conversion.input('filter');
  const x = conversion.input('x');
  const info = geometry(conversion, imageShape(conversion, x), filter, true);
  const { inChannels, outChannels, filterHeight, filterWidth } = info;
  const apart = graph.op('Transpose', [filter.value], { perm: [2, 3, 0, 1] });
  const weights = graph.reshape(apart, [outChannels, 1, filterHeight, filterWidth]);
  return graph.op('Conv', [channelsFirst(graph, x.value), weights, ...bias], {
    group: inChannels,
    pads: padsOf(info.padInfo),
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
  });
}

/**
 * The gradient of a convolution w.r.t. its images, which is what a transposed convolution runs: from dy, images
 * of as many channels as the filter [height, width, out, in] has inputs.
 */
function transposedConvolution(conversion: Conversion): string {
  const { graph, result } = conversion;
  const dy = conversion.input('dy');
  const filter = conversion.input('filter');
  const [height, width, channels] = [1, 2, 3].map((axis) =>
    conversion.fixedSize({ ...dy, sizes: result.sizes }, axis),
  ) as [number, number, number];
  const info = geometry(conversion, [height, width, channels], filter);
  const { padInfo, strideHeight, strideWidth, filterHeight, filterWidth } = info;
  // What the last stride of the convolution did not reach lies after the image.
  const left = (size: number, stride: number, count: number, taps: number, pads: number) =>
    size - (stride * (count - 1) + taps - pads);
  const [rows, columns] = imageShape(conversion, dy);
  const outside = [
    left(height, strideHeight, rows, filterHeight, padInfo.top + padInfo.bottom),
    left(width, strideWidth, columns, filterWidth, padInfo.left + padInfo.right),
  ];
  const weights = graph.op('Transpose', [filter.value], { perm: [3, 2, 0, 1] });
  const images = graph.op('ConvTranspose', [channelsFirst(graph, dy.value), weights], {
    pads: padsOf(padInfo),
    strides: [strideHeight, strideWidth],
    output_padding: outside,
  });
  return channelsLast(graph, images);
}

/** A convolution with bias and activation. */
function fused(convolve: (conversion: Conversion, bias: readonly string[]) => string) {
  return (conversion: Conversion): string => {
    const { graph } = conversion;
    const bias = conversion.inputs.get('bias');
    const isVector = bias === undefined || bias.sizes.length === 1;
    const sum = convolve(conversion, bias !== undefined && isVector ? [bias.compact] : []);
    // Slopes of their own, and a bias that is no vector, are laid out as the images are.
    if (isVector && conversion.attributes.activation !== 'prelu') {
      return channelsLast(graph, activation(conversion, sum));
    }
    const images = channelsLast(graph, sum);
    return activation(conversion, isVector ? images : graph.op('Add', [images, bias.compact]));
  };
}

export const convolutions: Converters = {
  Conv2D: (conversion) => channelsLast(conversion.graph, convolved(conversion)),
  FusedConv2D: fused(convolved),
  DepthwiseConv2dNative: (conversion) => channelsLast(conversion.graph, depthwiseConvolved(conversion)),
  FusedDepthwiseConv2D: fused(depthwiseConvolved),
  Conv2DBackpropInput: transposedConvolution,
};
