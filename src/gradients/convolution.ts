import { type Tensor, type Tensor4D, tf } from '../tfjs.js';
import { changeGradient, type Gradient, run, setGradient } from './register.js';

type Shape4D = [number, number, number, number];

/** The kernels of a convolution and of its two gradients, all three linear in each of their inputs. */
interface Family {
  readonly forward: string;
  readonly backpropInput: string;
  readonly backpropFilter: string;
}

const CONVOLUTION: Family = {
  forward: tf.Conv2D,
  backpropInput: tf.Conv2DBackpropInput,
  backpropFilter: tf.Conv2DBackpropFilter,
};

const DEPTHWISE: Family = {
  forward: tf.DepthwiseConv2dNative,
  backpropInput: tf.DepthwiseConv2dNativeBackpropInput,
  backpropFilter: tf.DepthwiseConv2dNativeBackpropFilter,
};

/**
 * Convolutions, depthwise ones and transposed ones have gradients of every order. Of the three kernels of
 * a family, ⟨dy, forward(x, f)⟩ is the same as ⟨backpropInput(dy, f), x⟩ and ⟨backpropFilter(x, dy), f⟩,
 * so the gradients of each are the other two; tfjs leaves out those of the gradients' kernels.
 */
export function registerConvolutionGradients(): void {
  changeGradient(tf.Conv2D, withDilations);
  for (const family of [CONVOLUTION, DEPTHWISE]) {
    setGradient(family.backpropInput, ['dy', 'filter'], (ddx, saved, attrs) => {
      const [dy, filter] = saved as [Tensor, Tensor];
      return {
        dy: () => forward(family, ddx, filter, attrs),
        filter: () => backpropFilter(family, ddx, dy, filter.shape, attrs),
      };
    });
    setGradient(family.backpropFilter, ['x', 'dy'], (ddFilter, saved, attrs) => {
      const [x, dy] = saved as [Tensor, Tensor];
      return {
        x: () => backpropInput(family, x.shape, dy, ddFilter, attrs),
        dy: () => forward(family, x, ddFilter, attrs),
      };
    });
  }
}

/**
 * The gradient of a dilated convolution, which tfjs refuses and its kernels have no room for: the
 * convolution is one without dilations by the filter with zeros between its taps. (Depthwise ones stay
 * refused, as tfjs' own tests want it.)
 */
function withDilations(gradient: Gradient): Gradient {
  return (dy, saved, attrs) => {
    const [height, width] = pair(attrs.dilations as number | [number, number] | undefined);
    if (height === 1 && width === 1) return gradient(dy, saved, attrs);
    const [x, filter] = saved as [Tensor, Tensor4D];
    const spaced = spread(filter, height, width);
    return {
      x: () => backpropInput(CONVOLUTION, x.shape, dy, spaced, attrs),
      filter: () =>
        gather(backpropFilter(CONVOLUTION, x, dy, spaced.shape, attrs), filter.shape, height, width),
    };
  };
}

function forward({ forward: kernel }: Family, x: Tensor, filter: Tensor, attrs: tf.NamedAttrMap): Tensor {
  return run(kernel, { x, filter }, common(attrs));
}

function backpropInput(
  { backpropInput: kernel }: Family,
  inputShape: number[],
  dy: Tensor,
  filter: Tensor,
  attrs: tf.NamedAttrMap,
): Tensor {
  return run(kernel, { dy, filter }, { ...common(attrs), inputShape });
}

function backpropFilter(
  { backpropFilter: kernel }: Family,
  x: Tensor,
  dy: Tensor,
  filterShape: number[],
  attrs: tf.NamedAttrMap,
): Tensor {
  return run(kernel, { x, dy }, { ...common(attrs), filterShape });
}

/** What the three kernels are told alike. */
function common({ strides, pad, dataFormat, dimRoundingMode }: tf.NamedAttrMap): tf.NamedAttrMap {
  // tfjs' depthwise ops drop the format, of which there is one.
  return {
    strides,
    pad,
    dataFormat: dataFormat ?? 'NHWC',
    dimRoundingMode,
    dilations: [1, 1],
  } as tf.NamedAttrMap;
}

function pair(value: number | [number, number] | undefined): [number, number] {
  return typeof value === 'object' ? value : [value ?? 1, value ?? 1];
}

/** The filter [h, w, c, m] with dilations − 1 zeros between two taps. */
function spread(filter: Tensor4D, dilationHeight: number, dilationWidth: number): Tensor4D {
  const [height, width, c, m] = filter.shape;
  const taps = tf.reshape(filter, [height, 1, width, 1, c * m]);
  const cells = tf.pad(taps, cellPaddings(dilationHeight, dilationWidth));
  const grid = tf.reshape(cells, [height * dilationHeight, width * dilationWidth, c, m]) as Tensor4D;
  return tf.slice(grid, 0, [spanOf(height, dilationHeight), spanOf(width, dilationWidth), c, m]);
}

/** The taps [h, w, c, m] of a filter with zeros between them: the transpose of `spread`. */
function gather(spaced: Tensor, shape: Shape4D, dilationHeight: number, dilationWidth: number): Tensor {
  const [height, width, c, m] = shape;
  const grid = tf.pad(spaced, [
    [0, height * dilationHeight - spanOf(height, dilationHeight)],
    [0, width * dilationWidth - spanOf(width, dilationWidth)],
    [0, 0],
    [0, 0],
  ]);
  const cells = tf.reshape(grid, [height, dilationHeight, width, dilationWidth, c * m]);
  return tf.reshape(tf.slice(cells, 0, [height, 1, width, 1, c * m]), shape);
}

function cellPaddings(dilationHeight: number, dilationWidth: number): [number, number][] {
  return [
    [0, 0],
    [0, dilationHeight - 1],
    [0, 0],
    [0, dilationWidth - 1],
    [0, 0],
  ];
}

/** From the first to the last tap. */
function spanOf(taps: number, dilation: number): number {
  return (taps - 1) * dilation + 1;
}
