/**
 * tf.fused.matMul and tf.fused.conv2d inside of a gradient. tfjs differentiates them by all their inputs,
 * whoever asks for what, the data of a first layer and frozen weights too; takes an activation apart from
 * the product; and refuses dilations. Here each is one kernel on the tape, differentiated by what is asked
 * for: by the rule of the product, at the cotangent of its result.
 */
import { type Tensor, type Tensor4D, tf } from '../tfjs.js';
import { pullBackRelu } from './activations.js';
import { run, setGradient } from './register.js';

type ProductOptions = Parameters<typeof tf.fused.matMul>[0];
type ConvolutionOptions = Parameters<typeof tf.fused.conv2d>[0];

/** From the cotangent of an activation's output to that of its input; other activations tfjs composes. */
const pullBack = new Map<string, (dy: Tensor, y: Tensor) => Tensor>([
  ['linear', (dy) => dy],
  ['relu', pullBackRelu],
]);

/** Backends that multiply matrices as they are; others want them in batches. */
const TAKES_MATRICES: ReadonlySet<string> = new Set(['cpu', 'native']);

export function registerFusedGradients(): void {
  registerFused(tf._FusedMatMul, ['a', 'b'], tf.BatchMatMul);
  registerFused(tf.FusedConv2D, ['x', 'filter'], tf.Conv2D);
}

function registerFused(kernelName: string, inputs: string[], plain: string): void {
  const isOutputSaved = [true];
  setGradient(
    kernelName,
    inputs,
    (dy, saved, attrs) => {
      const [first, second, y] = saved as [Tensor, Tensor, Tensor];
      const slope = pullBack.get(attrs.activation as string);
      if (slope === undefined) throw new Error(`no gradient of ${kernelName} with ${attrs.activation}`);
      const cotangent = slope(dy, y);
      const { gradFunc } = tf.getGradient(plain);
      const rows = Array.from({ length: y.rank - 1 }, (_, axis) => axis);
      return {
        ...(gradFunc(cotangent, [first, second], attrs) as { [input: string]: () => Tensor }),
        bias: () => tf.sum(cotangent, rows),
      };
    },
    isOutputSaved,
  );
}

/** Bundlers may make tf.fused a namespace that nobody can write to; its ops are then tfjs' own. */
export function fuseInsideGradients(): void {
  if (Object.getOwnPropertyDescriptor(tf.fused, 'conv2d')?.writable !== true) return;
  const { matMul, conv2d } = tf.fused;
  tf.fused.matMul = (options) =>
    isProduct(options) && tf.engine().isTapeOn() ? product(options) : matMul(options);
  tf.fused.conv2d = <T extends tf.Tensor3D | Tensor4D>(options: ConvolutionOptions): T =>
    (isConvolution(options) && tf.engine().isTapeOn() ? convolution(options) : conv2d(options)) as T;
}

/** Two matrices that fit; all else, and what is to be refused, is left to tfjs. */
function isProduct({ a, b, transposeA, transposeB, bias, activation }: ProductOptions): boolean {
  if (!isFloats(a, 2) || !isFloats(b, 2) || !pullBack.has(activation ?? 'linear')) return false;
  const inner = a.shape[transposeA === true ? 0 : 1];
  const [depth, columns] = transposeB === true ? b.shape.toReversed() : b.shape;
  return inner === depth && isPerColumn(bias, columns as number);
}

function product({ a, b, transposeA = false, transposeB = false, bias, activation }: ProductOptions): Tensor {
  const attrs = { transposeA, transposeB, activation: activation ?? 'linear' };
  if (TAKES_MATRICES.has(tf.getBackend())) {
    return run(tf._FusedMatMul, { a: a as Tensor, b: b as Tensor, ...biasOf(bias) }, attrs);
  }
  return tf.tidy(() => {
    const batches = { a: tf.expandDims(a), b: tf.expandDims(b), ...biasOf(bias) };
    return tf.squeeze(run(tf._FusedMatMul, batches, attrs), [0]);
  });
}

function isConvolution(options: ConvolutionOptions): boolean {
  const { x, filter, strides, dataFormat, dilations, bias, activation } = options;
  return (
    (isFloats(x, 4) || isFloats(x, 3)) &&
    isFloats(filter, 4) &&
    (dataFormat ?? 'NHWC') === 'NHWC' &&
    x.shape.at(-1) === filter.shape[2] &&
    tf.backend_util.eitherStridesOrDilationsAreOne(strides, dilations ?? 1) &&
    isPerColumn(bias, filter.shape[3]) &&
    pullBack.has(activation ?? 'linear')
  );
}

function convolution(options: ConvolutionOptions): Tensor {
  const { strides, pad, dilations = 1, dimRoundingMode, bias, activation } = options;
  const [x, filter] = [options.x as Tensor, options.filter as Tensor];
  tf.backend_util.checkPadOnDimRoundingMode('fused conv2d', pad, dimRoundingMode as 'floor');
  const attrs = {
    strides,
    pad,
    dilations,
    dimRoundingMode: dimRoundingMode as string,
    dataFormat: 'NHWC',
    activation: activation ?? 'linear',
  };
  return tf.tidy(() => {
    const images = x.rank === 3 ? tf.expandDims(x) : x;
    const y = run(tf.FusedConv2D, { x: images, filter, ...biasOf(bias) }, attrs);
    return x.rank === 3 ? tf.squeeze(y, [0]) : y;
  });
}

function isFloats(tensor: tf.TensorLike | Tensor, rank: number): tensor is Tensor {
  return tensor instanceof tf.Tensor && tensor.dtype === 'float32' && tensor.rank === rank;
}

function isPerColumn(bias: tf.TensorLike | Tensor | null | undefined, columns: number): boolean {
  return bias === undefined || bias === null || (isFloats(bias, 1) && bias.shape[0] === columns);
}

function biasOf(bias: tf.TensorLike | Tensor | null | undefined): { bias?: Tensor } {
  return bias === undefined || bias === null ? {} : { bias: bias as Tensor };
}
