import { tf } from '../../tf.js';
import type { Conversion, Converters } from './conversion.js';

type ConvolutionPadding = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

/** ONNX convolves channels first; runtimes cancel the transpositions between two convolutions. */
const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];

/** A convolution of images whose height and width are fixed; the filter is [height, width, in, out]. */
function convolution(conversion: Conversion): string {
  const { graph, attributes } = conversion;
  const x = conversion.input('x');
  const filter = conversion.input('filter');
  if (attributes.dataFormat !== 'NHWC') conversion.unsupported('its channels do not come last');
  const size = (axis: number) => conversion.fixedSize(x, axis);
  const pair = (name: string): [number, number] => {
    const value = attributes[name];
    return typeof value === 'number' ? [value, value] : (conversion.numbers(name) as [number, number]);
  };
  const { padInfo, strideHeight, strideWidth, dilationHeight, dilationWidth } =
    tf.backend_util.computeConv2DInfo(
      [1, size(1), size(2), size(3)],
      filter.sizes.map((_, axis) => conversion.fixedSize(filter, axis)) as [number, number, number, number],
      pair('strides'),
      pair('dilations'),
      attributes.pad as ConvolutionPadding,
      attributes.dimRoundingMode as 'floor' | undefined,
    );
  const images = graph.op('Transpose', [x.value], { perm: CHANNELS_FIRST });
  const weights = graph.op('Transpose', [filter.value], { perm: [3, 2, 0, 1] });
  const convolved = graph.op('Conv', [images, weights], {
    pads: [padInfo.top, padInfo.left, padInfo.bottom, padInfo.right],
    strides: [strideHeight, strideWidth],
    dilations: [dilationHeight, dilationWidth],
  });
  return graph.op('Transpose', [convolved], { perm: CHANNELS_LAST });
}

export const convolutions: Converters = { Conv2D: convolution };
