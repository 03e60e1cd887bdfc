/** Every kernel that training perceptrons, convolutional and recurrent networks runs. */
import { tf } from '../../../src/tf.js';
import { ARRAYS } from './arrays.js';
import type { KernelEntry } from './draw.js';
import { ELEMENTWISE } from './elementwise.js';
import { IMAGES } from './images.js';
import { SUMS } from './sums.js';

export const entries: readonly KernelEntry[] = [...ELEMENTWISE, ...ARRAYS, ...SUMS, ...IMAGES];

const DENSE = [
  tf._FusedMatMul,
  tf.BatchMatMul,
  tf.Add,
  tf.Sub,
  tf.Multiply,
  tf.RealDiv,
  tf.Sum,
  tf.Mean,
  tf.Square,
  tf.Cast,
  tf.Identity,
  tf.Reshape,
  tf.Slice,
];

const FUNCTIONS = [
  tf.Relu,
  tf.Step,
  tf.Sigmoid,
  tf.Tanh,
  tf.Softplus,
  tf.Exp,
  tf.Log,
  tf.Log1p,
  tf.Softmax,
  tf.Elu,
  tf.EluGrad,
  tf.Selu,
  tf.LeakyRelu,
  tf.Prelu,
  tf.Erf,
  tf.Abs,
  tf.Neg,
  tf.Minimum,
  tf.Maximum,
  tf.ClipByValue,
  tf.Greater,
  tf.GreaterEqual,
  tf.LessEqual,
  tf.LogicalAnd,
  tf.Select,
  tf.Sqrt,
  tf.Rsqrt,
  tf.ZerosLike,
  tf.Floor,
  tf.Pow,
];

const CONVOLUTIONS = [
  tf.FusedConv2D,
  tf.Conv2D,
  tf.Conv2DBackpropInput,
  tf.Conv2DBackpropFilter,
  tf.DepthwiseConv2dNative,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.MaxPool,
  tf.MaxPoolGrad,
  tf.AvgPool,
  tf.AvgPoolGrad,
  tf.ResizeNearestNeighbor,
  tf.ResizeNearestNeighborGrad,
  tf.ResizeBilinear,
  tf.ResizeBilinearGrad,
  tf.PadV2,
];

const OTHERS = [
  tf.FusedBatchNorm,
  tf.Tile,
  tf.Transpose,
  tf.Unpack,
  tf.Pack,
  tf.SplitV,
  tf.Concat,
  tf.Reverse,
  tf.GatherV2,
  tf.UnsortedSegmentSum,
];

export const trainingKernels: readonly string[] = [...DENSE, ...FUNCTIONS, ...CONVOLUTIONS, ...OTHERS];
